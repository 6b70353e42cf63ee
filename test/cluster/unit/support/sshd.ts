import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { poll } from "../../../../core/deadline.ts";
import { createKey } from "../../../../core/ssh/key.ts";
import { freePorts } from "../../../../qemu/ports.ts";

/** OpenSSH's own server on loopback: it lets in whoever runs the test, with one key, and nobody else. */
export interface Sshd extends AsyncDisposable {
	readonly name: string;
	readonly dir: string;
	readonly port: number;
	/** `ssh-ed25519 AAAA…` */
	readonly hostKey: string;
	/** Programs put here are the first that its commands find. */
	readonly bin: string;
	stop(): Promise<void>;
	start(): Promise<void>;
}

export const SSHD = "/usr/sbin/sshd";

/** One more server; `dir` is its own and short. */
export async function startSshd(name: string, dir: string, authorized: string): Promise<Sshd> {
	const [port] = await freePorts(1);
	const bin = join(dir, "bin");
	await mkdir(bin, { recursive: true });
	await writeFile(join(dir, "authorized_keys"), `${authorized}\n`, { mode: 0o600 });
	const { publicKey } = await createKey(join(dir, "host_key"), "host");
	await writeFile(join(dir, "config"), configOf(dir, port!, bin));
	// Where sshd drops privileges: only root's server wants it, and it is gone after a reboot.
	if (process.getuid!() === 0) await mkdir("/run/sshd", { recursive: true });
	let server: ChildProcess | undefined;
	const start = async () => {
		server = spawn(SSHD, ["-D", "-e", "-f", join(dir, "config")], { stdio: ["ignore", "ignore", "pipe"] });
		const said: string[] = [];
		server.stderr!.setEncoding("utf8").on("data", (text) => said.push(text));
		const listens = await poll(() => /Server listening/.test(said.join("")) || undefined, { timeout: 5000, every: 20 });
		if (!listens) throw new Error(`sshd does not listen: ${said.join("")}`);
	};
	const stop = async () => {
		if (server?.exitCode !== null || server.signalCode !== null) return;
		server.kill();
		await once(server, "exit");
	};
	await start();
	const hostKey = publicKey.split(" ").slice(0, 2).join(" ");
	return { name, dir, port: port!, hostKey, bin, start, stop, [Symbol.asyncDispose]: stop };
}

function configOf(dir: string, port: number, bin: string): string {
	return [
		`ListenAddress 127.0.0.1:${port}`,
		`HostKey ${join(dir, "host_key")}`,
		`AuthorizedKeysFile ${join(dir, "authorized_keys")}`,
		`AllowUsers ${userInfo().username}`,
		"PermitRootLogin prohibit-password",
		"PasswordAuthentication no",
		"KbdInteractiveAuthentication no",
		"UsePAM no",
		"PidFile none",
		// The scratch folder lies below /tmp, which everybody can write to.
		"StrictModes no",
		`SetEnv PATH=${bin}:/usr/local/bin:/usr/bin:/bin NODE_DIR=${dir}`,
		"",
	].join("\n");
}

/**
 * What startup files of a person's shell run. sshd's bash reads ~/.bashrc, with our stand-ins in its PATH, and what that
 * writes to the home folder (pyenv writes all its programs, through cat) would hold their words.
 */
const IN_USE =
	/^(awk|basename|bash|cat|chmod|cp|cut|dirname|env|grep|head|id|ln|ls|mkdir|mktemp|mv|rm|sed|sh|sort|tail|tar|touch|tr|uname)$/;

/** Puts a stand-in for a program into a server's PATH; it is run by sh, and NODE_DIR is the server's folder. */
export async function standIn(node: Sshd, program: string, script: string): Promise<void> {
	if (IN_USE.test(program)) throw new Error(`no stand-in for ${program}: whoever runs this test needs it`);
	await writeFile(join(node.bin, program), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

/** What the stand-ins of this node have written into `file`; empty when nothing. */
export async function written(node: Sshd, file: string): Promise<string> {
	return readFile(join(node.dir, file), "utf8").catch(() => "");
}
