import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { reasonOf, shownPath } from "../../core/toml/toml-document.ts";
import type { MergedAptSource } from "./merge.ts";
import { armour, armouredBlock, dearmour, primaryFingerprints } from "./openpgp.ts";

const FIX = "save the archive's public key (its .asc or .gpg file) beside the profile and name that file";

/** A source's signing key as ASCII-armoured text, and the file it came from. @throws UserError when it is no public key. */
export async function loadAptKey(
	entry: MergedAptSource,
	cwd: string,
): Promise<{ readonly text: string; readonly file?: string }> {
	const { key, name } = entry.value;
	const inline = key.trimStart().startsWith("-----BEGIN");
	if (inline) return { text: publicKey(Buffer.from(key), `the key of apt source "${name}"`, entry) };
	const file = resolve(entry.source.dir, key);
	const shown = shownPath(file, cwd);
	const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
		throw failure(entry, `cannot read the signing key of apt source "${name}", ${shown}: ${reasonOf(error)}`);
	});
	return { text: publicKey(bytes, shown, entry), file };
}

function publicKey(bytes: Buffer, what: string, entry: MergedAptSource): string {
	const text = bytes.toString("utf8");
	if (text.includes("PRIVATE KEY BLOCK")) throw failure(entry, `${what} holds a private key: it must never get into an image`);
	const block = armouredBlock(text) ?? armour(bytes);
	if (primaryFingerprints(dearmour(block)).length === 0) throw failure(entry, `${what} is no OpenPGP public key`);
	return block;
}

function failure(entry: MergedAptSource, message: string): UserError {
	const where = entry.source.where(["apt", "sources", entry.index, "key"]);
	return new UserError("invalid", { message, where, path: `${entry.path}.key`, fix: FIX });
}
