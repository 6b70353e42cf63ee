import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { World } from "../../agent/world.ts";

/** A node in a scratch folder: what the agent reads is there, what it does is kept. Gone when disposed. */
export interface Scratch extends Disposable {
	readonly world: World;
	readonly lines: string[];
	readonly ran: (readonly string[])[];
}

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

export function scratchNode(env: Record<string, string> = {}): Scratch {
	const root = mkdtempSync(join(tmpdir(), "clusteros-agent-"));
	fillNode(root);
	const lines: string[] = [];
	const ran: (readonly string[])[] = [];
	const world: World = {
		root,
		env,
		pid: 77,
		now: () => new Date("2026-11-22T10:00:00.000Z"),
		random: (bytes) => new Uint8Array(bytes).fill(7),
		print: (line) => lines.push(line),
		exec: async (argv) => {
			ran.push(argv);
		},
	};
	return { world, lines, ran, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}
