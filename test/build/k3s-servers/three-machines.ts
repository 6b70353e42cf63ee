import { copyFile, cp, mkdir, realpath, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { build } from "esbuild";
import type { ApiAnswer } from "../../../agent/k3s/api.ts";
import type { DescribedSeed } from "../../../cluster/describe/seed.ts";
import { ROOT, type Running, startProgram } from "../support/cli.ts";
import type { Room } from "../support/room.ts";

const FIXTURES = join(import.meta.dirname, "fixtures");
const UNIT = "etc/systemd/system/k3s-server.service";
/** Everything in there ends with its first process. An ordinary user is root in a user namespace. */
const AS_ROOT = process.getuid!() === 0 ? [] : ["--user", "--map-root-user"];
const APART = ["unshare", ...AS_ROOT, "--net", "--mount", "--propagation", "private", "--fork", "--mount-proc", "--kill-child"];

/** What is written into a machine before it is on. */
export interface NewMachine {
	readonly name: string;
	/** With its prefix. */
	readonly address: string;
	readonly seed: DescribedSeed;
}

/** One in namespaces of its own. */
export interface Machine {
	readonly name: string;
	/** What fixtures/machine.ts does. */
	ask(what: string, body?: unknown): Promise<unknown>;
	/** Asks the Kubernetes API of its own server, as admin. */
	api(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
}

/** Why no machines can be made here; undefined when they can. */
export async function whyNoNamespaces(): Promise<string | undefined> {
	const words = [...APART, "sh", "-c", "ip link add name mesh type bridge && ip link add name one type veth peer name two"];
	const { code, stderr } = await startProgram(words).ended();
	return code === 0 ? undefined : `no network namespaces with a bridge can be made: ${stderr.trim() || code}`;
}

export interface ThreeMachines {
	/** All of them are gone once this is disposed. */
	readonly running: Running;
	readonly machines: readonly Machine[];
}

/** Lays the machines' disks and puts them on one bridge, all of them off. */
export async function threeMachines(at: Room, k3s: string, machines: readonly NewMachine[]): Promise<ThreeMachines> {
	await layPrograms(at);
	for (const machine of machines) await layDisk(at, machine);
	for (const script of ["three-machines.sh", "machine.sh"]) await copyFile(join(FIXTURES, script), at.path(script));
	const node = await realpath(process.execPath);
	const words = machines.map(({ name, address }) => `${name}=${address}`);
	const argv = [...APART, "sh", at.path("three-machines.sh"), at.dir, node, await realpath(k3s), ...words];
	const running = startProgram(argv);
	return { running, machines: machines.map(({ name }) => machineAt(name, at.path(name, "run/machine.sock"))) };
}

/** k3s where the image has it; host-local is only looked up (v1.36), as no pod runs. And what each machine runs. */
async function layPrograms(at: Room): Promise<void> {
	for (const folder of ["bin", "lib/k3s"]) await mkdir(at.path("local", folder), { recursive: true });
	await symlink("/opt/k3s/k3s", at.path("local/bin/k3s"));
	await symlink("/usr/bin/true", at.path("local/lib/k3s/host-local"));
	await build({
		entryPoints: [join(FIXTURES, "machine.ts")],
		bundle: true,
		platform: "node",
		target: "node20",
		format: "cjs",
		outfile: at.path("machine.cjs"),
		logLevel: "error",
	});
}

async function layDisk(at: Room, { name, seed }: NewMachine): Promise<void> {
	for (const { path, content, mode } of seed.files) {
		await mkdir(dirname(at.path(name, path)), { recursive: true });
		await writeFile(at.path(name, path), content, { mode });
	}
	await mkdir(dirname(at.path(name, UNIT)), { recursive: true });
	await cp(join(ROOT, "overlays/k3s/rootfs", UNIT), at.path(name, UNIT));
	await at.write({
		[`${name}/etc/passwd`]: "root:x:0:0:root:/root:/bin/sh\n",
		[`${name}/etc/group`]: "root:x:0:\n",
		[`${name}/etc/hosts`]: "127.0.0.1 localhost\n",
		[`${name}/run/systemd/resolve/resolv.conf`]: "nameserver 192.0.2.1\n",
	});
	await mkdir(at.path(name, "opt"));
	await copyFile(at.path("machine.cjs"), at.path(name, "opt/machine.cjs"));
}

function machineAt(name: string, socketPath: string): Machine {
	const ask = (what: string, body?: unknown) =>
		new Promise<unknown>((resolve, reject) => {
			const asked = request({ socketPath, path: `/${what}`, method: "POST" }, async (answer) => {
				const said = await text(answer);
				if (answer.statusCode === 200) resolve(JSON.parse(said));
				else reject(new Error(`${name}, asked for ${what}: ${said}`));
			});
			asked.once("error", reject);
			asked.end(JSON.stringify(body ?? null));
		});
	return { name, ask, api: (method, path, body) => ask("api", { method, path, body }) as Promise<ApiAnswer> };
}
