import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../../core/process/run.ts";

/** A throw-away OpenPGP key with a home of its own. */
export interface Key extends AsyncDisposable {
	readonly fingerprint: string;
	/** The public half, ASCII-armoured. */
	readonly armoured: string;
	/** Writes `file` signed in clear (InRelease) and its detached signature (Release.gpg). */
	sign(file: string, inRelease: string, detached: string): Promise<void>;
}

/** Makes a key in `dir` with the real gpg. `dir` is to be short: gpg-agent's socket lies in it. */
export async function makeKey(dir: string, name: string): Promise<Key> {
	const home = join(dir, name);
	await mkdir(home, { recursive: true, mode: 0o700 });
	const gpg = (...argv: string[]) =>
		run(["gpg", "--homedir", home, "--batch", "--yes", "--passphrase", "", ...argv], { doing: "signing for a test" });
	await gpg("--quick-generate-key", `${name} <${name}@clusteros.invalid>`, "rsa2048", "sign", "never");
	const { stdout: listing } = await gpg("--with-colons", "--list-keys");
	const { stdout: armoured } = await gpg("--armor", "--export");
	return {
		fingerprint: /^fpr:+([0-9A-F]{40}):/m.exec(listing)![1]!,
		armoured,
		sign: async (file, inRelease, detached) => {
			await gpg("--digest-algo", "SHA512", "--clearsign", "--output", inRelease, file);
			await gpg("--digest-algo", "SHA512", "--armor", "--detach-sign", "--output", detached, file);
		},
		[Symbol.asyncDispose]: async () => {
			await run(["gpgconf", "--homedir", home, "--kill", "all"], { doing: "ending a test's gpg-agent" });
		},
	};
}

/** A base's folder beside its shipped file, in which only the keyring is another: our key in place of Ubuntu's. */
export async function baseWithKey(shipped: string, dir: string, key: Key): Promise<string> {
	await mkdir(join(dir, "keyrings"), { recursive: true });
	await writeFile(join(dir, "keyrings/ubuntu-24.04.asc"), key.armoured);
	const text = await readFile(shipped, "utf8");
	const base = text.replace("F6ECB3762474EDA9D21B7022871920D1991BC93C", key.fingerprint);
	if (base === text) throw new Error(`${shipped} does not name Ubuntu's key any more`);
	const file = join(dir, "ubuntu-24.04.toml");
	await writeFile(file, base);
	return file;
}
