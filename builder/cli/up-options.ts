import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";

/** A port on 127.0.0.1 that leads to a port of a node. */
export interface PublishOption {
	readonly host: number;
	readonly node: string;
	readonly guest: number;
}

/** `clusteros up` as typed; what is undefined was not given. */
export interface UpOptions {
	readonly image?: string;
	readonly nodes?: number;
	/** MiB. */
	readonly memory?: number;
	readonly cpus?: number;
	readonly accel: "auto" | "kvm" | "tcg";
	readonly net?: "isolated" | "nat";
	readonly publish: readonly PublishOption[];
	/** Seconds. */
	readonly timeout?: number;
	readonly warm: boolean;
	readonly json: boolean;
}

/** The start itself; its module is loaded only when a cluster is started. */
export type RunUp = (dir: string, options: UpOptions, context: CommandContext) => Promise<void>;

/** `clusteros up`: options and help only. `call` is how the user starts this program. */
export function upCommand(call: string, context: CommandContext, load: () => Promise<RunUp>): Command {
	return new Command("up")
		.description("start a cluster of virtual machines and wait until it is ready; it goes on running")
		.argument("<dir>", "folder with cluster.toml")
		.option("-i, --image <file>", "disk image that all nodes run; remembered in cluster.toml")
		.option("-n, --nodes <number>", "start only the first nodes of cluster.toml", whole(1, 117))
		.option(
			"--memory <size>",
			"memory of each node, such as 2GiB (default: 1GiB; with k3s 3GiB for controllers, 1.5GiB for others)",
			memory,
		)
		.option(
			"--cpus <number>",
			"processors of each node (default: 2 for the first controller, with k3s for each, 1 for the others)",
			whole(1, 64),
		)
		.option(
			"--accel <how>",
			"auto (KVM where guests run under it), kvm (and nothing else), or tcg",
			oneOf("auto", "kvm", "tcg"),
			"auto",
		)
		.option("--net <how>", "isolated (default), or nat: nodes reach what this machine reaches", oneOf("isolated", "nat"))
		.option("--publish <host:node:port>", "lead 127.0.0.1:HOST to a node's port (repeatable)", publish, [])
		.option(
			"--timeout <seconds>",
			"how long to wait until all nodes are ready (default: by accelerator and number)",
			whole(1, 86_400),
		)
		.option("--warm", "keep a snapshot of the ready cluster, and go back to it when it is stopped", false)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", help(call))
		.action(async (dir: string, options: UpOptions) => (await load())(dir, options, context));
}

function help(call: string): string {
	return `
A cluster that runs is left as it is, but for nodes that were added to cluster.toml: these are started. Nodes that are no
longer in it are ended and their disks removed. A cluster that was stopped goes on from its disks; with --warm from the
moment when it was first ready, and what was written since is lost.

Examples:
  ${call} up lab --image out/slurm-latest.qcow2     five machines or so, no root needed
  ${call} up lab --nodes 3 --memory 2GiB            the image is remembered
  ${call} up lab --warm                             seconds instead of minutes, from the second time on
  ${call} up lab --publish 8080:c1:80               http://127.0.0.1:8080 is c1's port 80

Exit codes: 0 ready, 1 not ready in time (the machines are left running), 2 wrong usage or input, 3 this machine lacks
something, 130 interrupted (what was started is ended).
`;
}

function whole(least: number, most: number): (text: string) => number {
	return (text) => {
		const number = Number(text);
		if (/^\d+$/.test(text) && number >= least && number <= most) return number;
		throw new InvalidArgumentError(`A whole number from ${least} to ${most} is wanted.`);
	};
}

function memory(text: string): number {
	const match = /^(\d+(?:\.\d+)?)\s*(MiB|MB|M|GiB|GB|G)$/i.exec(text);
	const size = match ? Math.round(Number(match[1]) * (match[2]!.toUpperCase().startsWith("G") ? 1024 : 1)) : 0;
	if (size >= 256 && size <= 1024 * 1024) return size;
	throw new InvalidArgumentError("A size such as 2GiB or 1536MiB is wanted, 256MiB at least.");
}

function oneOf(...words: readonly string[]): (text: string) => string {
	return (text) => {
		if (words.includes(text)) return text;
		throw new InvalidArgumentError(`Known here: ${words.join(", ")}.`);
	};
}

function publish(text: string, before: readonly PublishOption[]): PublishOption[] {
	const match = /^(\d+):([a-z][a-z0-9-]*):(\d+)$/.exec(text);
	const ports = match ? [Number(match[1]), Number(match[3])] : [];
	const good = ports.length === 2 && ports.every((port) => port >= 1 && port <= 65_535);
	if (!match || !good) throw new InvalidArgumentError("HOST:NODE:PORT is wanted, such as 8080:c1:80.");
	return [...before, { host: ports[0]!, node: match[2]!, guest: ports[1]! }];
}
