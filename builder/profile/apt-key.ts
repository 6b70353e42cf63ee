import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import type { MergedAptSource } from "./merge.ts";
import { reasonOf, shownPath } from "./toml-document.ts";

const BEGIN = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END = "-----END PGP PUBLIC KEY BLOCK-----";

/** A source's signing key as ASCII-armoured text, and the file it came from. @throws UserError when it is no public key. */
export async function loadAptKey(
	entry: MergedAptSource,
	cwd: string,
): Promise<{ readonly text: string; readonly file?: string }> {
	const { key, name } = entry.value;
	if (key.trimStart().startsWith("-----BEGIN")) return { text: armoured(key, `the key of apt source "${name}"`, entry) };
	const file = resolve(entry.source.dir, key);
	const shown = shownPath(file, cwd);
	const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
		throw failure(entry, `cannot read the signing key of apt source "${name}", ${shown}: ${reasonOf(error)}`);
	});
	// An OpenPGP packet's first byte has its top bit set (RFC 9580, 4.2); armour and other text has not.
	const text = (bytes[0] ?? 0) >= 0x80 ? armour(bytes) : armoured(bytes.toString("utf8"), shown, entry);
	return { text, file };
}

function armoured(text: string, what: string, entry: MergedAptSource): string {
	if (text.includes("PRIVATE KEY BLOCK")) throw failure(entry, `${what} holds a private key: it must never get into an image`);
	const start = text.indexOf(BEGIN);
	const end = text.lastIndexOf(END);
	if (start >= 0 && end > start) return `${text.slice(start, end + END.length).replaceAll("\r\n", "\n")}\n`;
	throw failure(entry, `${what} is no OpenPGP public key`);
}

/** ASCII armour without the optional checksum, which RFC 9580 tells writers to leave out. */
export function armour(bytes: Uint8Array): string {
	const lines =
		Buffer.from(bytes)
			.toString("base64")
			.match(/.{1,64}/g) ?? [];
	return [BEGIN, "", ...lines, END, ""].join("\n");
}

function failure(entry: MergedAptSource, message: string): UserError {
	const where = entry.source.where(["apt", "sources", entry.index, "key"]);
	const problem: Problem = { message, where, path: `${entry.path}.key`, fix: FIX };
	return new UserError("invalid", problem);
}

const FIX = "save the archive's public key (its .asc or .gpg file) beside the profile and name that file";
