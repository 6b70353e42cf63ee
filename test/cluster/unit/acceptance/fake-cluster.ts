import type { Suite, TestNode } from "../../../../cluster/acceptance/check.ts";
import type { Link, LinkOptions } from "../../../../cluster/reach/types.ts";
import type { SeedCluster } from "../../../../core/contract/seed.ts";
import { ToolError } from "../../../../core/errors.ts";
import { nodeFiles } from "../../../../core/node/files/node-files.ts";
import { viewOf } from "../../../../core/node/members.ts";
import type { Member } from "../../../../core/node/types.ts";

/** What a program on a fake node says; text alone is that with exit code 0. */
export type Said = string | { readonly text: string; readonly code: number };

/** Answers to commands that match; the first rule that does not return undefined counts. `command` is as a shell would read it. */
export type Rule = (command: string, node: string, options: LinkOptions) => Said | undefined;

export interface FakeOptions {
	readonly nodes?: readonly string[];
	readonly user?: string | undefined;
	readonly reboot?: boolean;
}

/** A cluster of nodes that are not there: c1 controls, all work; every command is answered by a rule. */
export function fakeSuite(rules: readonly Rule[], options: FakeOptions = {}): Suite {
	const { nodes: names = ["c1", "n1", "n2"], reboot = false } = options;
	const nodes = names.map((name, i) => fakeNode(name, `10.90.0.${i + 1}`, rules));
	const seed = fakeSeed(nodes);
	return {
		dir: "lab",
		nodes,
		controller: nodes[0]!,
		user: "user" in options ? options.user : "ada",
		slow: 0.01,
		reboot,
		signal: new AbortController().signal,
		files: (node, facts) => {
			const others = nodes.filter((other) => other !== node);
			return nodeFiles(viewOf(seed, node, others, facts));
		},
	};
}

function fakeNode(name: string, mesh: string, rules: readonly Rule[]): TestNode {
	const roles = name === "c1" ? (["controller", "worker"] as const) : (["worker"] as const);
	return { name, mesh, roles, link: fakeLink(name, rules) };
}

export function fakeSeed(nodes: readonly Member[]): SeedCluster {
	return {
		version: 1,
		id: "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11",
		name: "lab",
		generation: 1,
		join: "open",
		mesh: { network: "10.90.0.0/16", port: 51820 },
		meet: ["192.168.77.11"],
		ntp: [],
		nodes: nodes.map(({ name, mesh, roles }) => ({ name, mesh, roles: [...roles] })),
		controllers: [{ name: "c1", key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=" }],
		slurm: { partitions: [], accounting: false, extra: "", cgroup: "", gres: "" },
		k3s: { config: "", registries: "", memory: "50%", cpus: "50%" },
		slow: 1,
	};
}

/** A scripted stand-in for ssh: takes the rounds of `ask` apart and answers each question by the rules. */
function fakeLink(name: string, rules: readonly Rule[]): Link {
	const answer = (command: string, options: LinkOptions) => {
		for (const rule of rules) {
			const said = rule(command, name, options);
			if (said !== undefined) return typeof said === "string" ? { text: said, code: 0 } : said;
		}
		throw new Error(`${name} was asked what no rule answers: ${command}`);
	};
	return {
		name,
		via: "qemu",
		target: { host: "127.0.0.1", port: 1, user: "clusteros", identity: "none", knownHosts: "none" },
		run: async (argv, options = {}) => {
			const round = [...(argv[2] ?? "").matchAll(QUESTION)];
			const parts = round.map(([, command, mark, question]) => {
				const { text, code } = answer(unquoted(command!), options);
				return `${text}\n${mark} ${question} ${code}\n`;
			});
			if (round.length > 0) return { stdout: parts.join(""), stderr: "", exitCode: 0 };
			const { text, code } = answer(argv.join(" "), options);
			if (code === 0 || options.ok === "any" || options.ok?.includes(code)) return { stdout: text, stderr: "", exitCode: code };
			throw new ToolError({ doing: `running ${argv[0]}`, argv, exitCode: code, tail: text.split("\n") });
		},
	};
}

const QUESTION = /([\s\S]+?) <\/dev\/null 2>&1; printf '\\n%s %s %d\\n' (\S+) (\S+) "\$\?"\n?/g;

function unquoted(command: string): string {
	return command.replaceAll("'\\''", "\u0000").replaceAll("'", "").replaceAll("\u0000", "'");
}
