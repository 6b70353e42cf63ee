import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { ExecOptions, ExecResult, World } from "../../agent/world.ts";

/** A node in a scratch folder: what the agent reads is there, what it does is kept. Gone when disposed. */
export interface Scratch extends Disposable {
	readonly world: World;
	readonly lines: string[];
	/** Every program that was run. */
	readonly ran: (readonly string[])[];
	/** What was given to them on standard input, in the same order. */
	readonly inputs: (string | undefined)[];
	/** Files that were given away, as `path uid:gid`. */
	readonly owners: string[];
}

/** Answers for a program: its output, an exit code, or nothing, which is success in silence. */
export type Answers = (argv: readonly string[], options: ExecOptions) => string | Partial<ExecResult> | undefined;

/** Makes the files of a node named `name` below `root`. */
export function fillNode(root: string, name = "n1"): void {
	const files = {
		"/proc/sys/kernel/hostname": `${name}\n`,
		"/proc/sys/kernel/random/boot_id": "0b7a6a6e-0000-4000-8000-000000000001\n",
		"/dev/console": "",
	};
	for (const [path, text] of Object.entries(files)) {
		mkdirSync(dirname(root + path), { recursive: true });
		writeFileSync(root + path, text);
	}
}

export function scratchNode(env: Record<string, string> = {}, answers: Answers = () => undefined): Scratch {
	const root = mkdtempSync(join(tmpdir(), "clusteros-agent-"));
	fillNode(root);
	const lines: string[] = [];
	const ran: (readonly string[])[] = [];
	const inputs: (string | undefined)[] = [];
	const owners: string[] = [];
	const world: World = {
		root,
		env,
		pid: 77,
		now: () => new Date("2026-11-22T10:00:00.000Z"),
		random: (bytes) => new Uint8Array(bytes).fill(7),
		print: (line) => lines.push(line),
		exec: async (argv, options = {}) => {
			ran.push(argv);
			inputs.push(options.input === undefined ? undefined : String(options.input));
			const answer = answers(argv, options);
			const result = { code: 0, stdout: "", stderr: "", ...(typeof answer === "string" ? { stdout: answer } : answer) };
			if (!(options.ok ?? [0]).includes(result.code)) throw new Error(`${argv.join(" ")}: ended with ${result.code}`);
			return result;
		},
		chown: (path, uid, gid) => owners.push(`${path.slice(root.length).replace(/\.new$/, "")} ${uid}:${gid}`),
		interfaces: () => ({}),
	};
	return { world, lines, ran, inputs, owners, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
