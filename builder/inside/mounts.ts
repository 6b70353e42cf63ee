import { mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InternalError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { cleanEnv } from "./env.ts";
import type { Answers, AskJob, Stack } from "./jobs.ts";
import type { Talk } from "./talk.ts";

/** Mounts live in our own mount namespace, so nothing reaches the host, and what is forgotten ends with the process. */

const mount = (...argv: string[]) => run(["mount", ...argv], { doing: "mounting inside the build's namespace" });

/** Undoes a mount when it goes out of scope; lazily, as a daemon that a package left running may still be in it. */
function mounted(at: string): AsyncDisposable {
	return {
		[Symbol.asyncDispose]: async () => {
			await run(["umount", "--lazy", at], { doing: "unmounting inside the build's namespace" });
		},
	};
}

/** Bind mount of a folder. */
export async function bind(from: string, at: string): Promise<AsyncDisposable> {
	await mkdir(at, { recursive: true });
	await mount("--bind", from, at);
	return mounted(at);
}

/**
 * The stack (which may be empty) as one tree at `at`; changes go to `upper`, or the tree is read-only without one.
 * Lower paths are relative to the store: overlayfs takes one page of options.
 * `userxattr` makes overlayfs work in a user namespace (Linux 5.11).
 */
export async function mountStack(
	below: Stack,
	at: string,
	upper?: { readonly tree: string; readonly work: string },
): Promise<AsyncDisposable> {
	await mkdir(at, { recursive: true });
	if (!upper && below.length === 1) {
		// Not read-only: remounting fails in a user namespace where the store's own filesystem is mounted nosuid or nodev.
		await mount("--bind", below[0]!, at);
		return mounted(at);
	}
	const store = dirname(dirname(below[0] ?? at));
	const short = (path: string) => {
		if (dirname(dirname(path)) !== store) throw new InternalError(`layers lie in different stores: ${path}`);
		return join(basename(dirname(path)), basename(path));
	};
	const lower = below.length > 0 ? below.map(short).toReversed() : [escapeOption(await emptyFolder(`${at}.empty`))];
	const options = ["userxattr", `lowerdir=${lower.join(":")}`];
	if (upper) {
		await mkdir(upper.tree, { recursive: true });
		await mkdir(upper.work, { recursive: true });
		// dpkg and apt sync thousands of times; what a power cut could take, the store's inventory notices.
		options.push("volatile", `upperdir=${escapeOption(upper.tree)}`, `workdir=${escapeOption(upper.work)}`);
	}
	await run(["mount", "-t", "overlay", "overlay", "-o", options.join(","), at], {
		doing: "stacking layers with overlayfs",
		cwd: store,
		fix: "the build's folder must lie on a filesystem that overlayfs can write to (ext4, xfs, btrfs): --cache-dir DIR",
	});
	return mounted(at);
}

async function emptyFolder(dir: string): Promise<string> {
	await mkdir(dir, { recursive: true });
	return dir;
}

function escapeOption(path: string): string {
	return path.replaceAll("\\", "\\\\").replaceAll(",", "\\,").replaceAll(":", "\\:");
}

/** What programs in the tree need of a running system: /proc, /sys, a few devices, an empty /run and /tmp. */
export async function mountSystem(root: string): Promise<AsyncDisposable> {
	const stack = new AsyncDisposableStack_();
	await mount("-t", "proc", "proc", join(root, "proc"));
	stack.add(mounted(join(root, "proc")));
	await mount("-t", "sysfs", "-o", "ro", "sysfs", join(root, "sys"));
	stack.add(mounted(join(root, "sys")));
	await mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", join(root, "dev"));
	stack.add(mounted(join(root, "dev")));
	for (const device of ["null", "zero", "full", "random", "urandom", "tty"]) {
		await writeFile(join(root, "dev", device), "");
		await mount("--bind", join("/dev", device), join(root, "dev", device));
		stack.add(mounted(join(root, "dev", device)));
	}
	await run(["ln", "-s", "/proc/self/fd", join(root, "dev/fd")], { doing: "preparing /dev" });
	await mkdir(join(root, "dev/shm"));
	await mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", join(root, "run"));
	stack.add(mounted(join(root, "run")));
	await mkdir(join(root, "run/lock"));
	await mount("-t", "tmpfs", "-o", "mode=1777", "tmpfs", join(root, "tmp"));
	stack.add(mounted(join(root, "tmp")));
	return stack;
}

/** Node 20 has no AsyncDisposableStack: disposes in reverse order. */
class AsyncDisposableStack_ implements AsyncDisposable {
	readonly #held: AsyncDisposable[] = [];
	add(held: AsyncDisposable): void {
		this.#held.push(held);
	}
	async [Symbol.asyncDispose](): Promise<void> {
		for (const held of this.#held.toReversed()) await held[Symbol.asyncDispose]();
	}
}

/** Forbids package scripts to start daemons while it is held (policy-rc.d, Debian's invoke-rc.d). */
export async function noDaemons(root: string): Promise<AsyncDisposable> {
	const policy = join(root, "usr/sbin/policy-rc.d");
	await writeFile(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
	return { [Symbol.asyncDispose]: () => rm(policy, { force: true }) };
}

/** Runs a program in the tree. */
export function inTree(root: string, argv: readonly string[], epoch: number, doing: string, talk: Talk, ok?: readonly number[]) {
	return run(["chroot", root, ...argv], {
		doing,
		scrub: true,
		env: cleanEnv(epoch),
		onLine: (line) => talk.log(line),
		...(ok ? { ok } : {}),
	});
}

/** Runs a program on a throw-away copy of the stack and answers with what it printed. */
export async function ask(job: AskJob, talk: Talk): Promise<Answers["ask"]> {
	const root = join(job.work, "root");
	await using _tree = await mountStack(job.below, root, { tree: join(job.work, "upper"), work: join(job.work, "work") });
	await using _system = await mountSystem(root);
	const any = Array.from({ length: 256 }, (_, code) => code);
	// Awaited here: the tree goes when this function ends.
	return await inTree(root, job.argv, 0, "asking the tree", talk, any);
}
