import { readFileSync } from "node:fs";
import { arch, availableParallelism, release, totalmem } from "node:os";
import { run } from "../../core/process/run.ts";
import type { Part } from "./row.ts";

/** The machine's shape; nothing that names it. */
export interface Machine {
	readonly cores: number;
	readonly memoryGiB: number;
	readonly arch: string;
	readonly kernel: string;
	readonly distribution: string;
}

export function lookAtMachine(): Machine {
	const distribution = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "unknown";
	return {
		cores: availableParallelism(),
		memoryGiB: Math.round(totalmem() / 2 ** 30),
		arch: arch(),
		// Without what a provider puts behind the number.
		kernel: /^\d+(\.\d+)*/.exec(release())?.[0] ?? "unknown",
		distribution,
	};
}

const ASK: Readonly<Record<Part, Readonly<Record<string, readonly string[]>>>> = {
	builds: {
		mmdebstrap: ["mmdebstrap", "--version"],
		apt: ["apt-get", "--version"],
		mke2fs: ["mke2fs", "-V"],
		"qemu-img": ["qemu-img", "--version"],
	},
	cluster: { QEMU: ["qemu-system-x86_64", "--version"] },
};

/** Versions of what takes part, by name. */
export async function versions(part: Part, root: string, node: string): Promise<Record<string, string>> {
	const found = await Promise.all(
		Object.entries({ ...ASK[part], node: [node, "--version"] }).map(async ([name, argv]) => {
			// Where there is no such program, its rows say so.
			const said = await run(argv, { doing: `asking ${name} for its version` }).catch(() => undefined);
			return [name, /\d+(\.\d+)+/.exec(`${said?.stdout}\n${said?.stderr}`)?.[0] ?? "unknown"] as const;
		}),
	);
	return { ClusterOS: await ownVersion(root), ...Object.fromEntries(found) };
}

/** The commit that was measured, and whether there was more than it. */
async function ownVersion(root: string): Promise<string> {
	const git = async (...args: string[]) =>
		(await run(["git", "-C", root, ...args], { doing: "asking git for the commit" })).stdout.trim();
	try {
		const changed = await git(
			"status",
			"--porcelain",
			"--untracked-files=no",
			"--",
			"core",
			"builder",
			"agent",
			"qemu",
			"cluster",
			"cloud-init",
			"profiles",
			"overlays",
			"bin",
		);
		return `${await git("rev-parse", "--short=12", "HEAD")}${changed === "" ? "" : " with changes"}`;
	} catch {
		return "no checkout";
	}
}
