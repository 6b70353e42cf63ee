import { access, constants, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ResolvedProfile } from "../../core/contract/profile.ts";
import { SET } from "../profile/source.ts";
import type { Pin } from "./release.ts";

/**
 * Sets a digest in a profile's text: a line that gives it is replaced (its comment stays), else one comes right after that
 * of `k3s_version`. Undefined when the text has no such line of its own.
 */
export function withPin(text: string, { setting, sha256 }: Pin): string | undefined {
	const lines = text.split("\n");
	const given = find(lines, setting);
	if (given) {
		const replaced = given.content.replace(/=\s*(["'])[^"']*\1/, () => `= "${sha256}"`);
		return replaced === given.content ? undefined : lines.with(given.line, replaced).join("\n");
	}
	const version = find(lines, "k3s_version");
	return version && lines.toSpliced(version.line + 1, 0, `${version.before}${setting} = "${sha256}"`).join("\n");
}

/** The line that gives a setting, below `[settings]` or as `settings.NAME`; `before` is what stands before the name. */
function find(lines: readonly string[], setting: string): { line: number; content: string; before: string } | undefined {
	for (const [line, content] of lines.entries()) {
		const before = new RegExp(`^(\\s*(?:settings\\.)?)${setting}\\s*=`).exec(content)?.[1];
		if (before !== undefined) return { line, content, before };
	}
	return undefined;
}

/** What became of a pin: the line, and the file that has it now; undefined when it could not be written. */
export interface Pinned {
	readonly line: string;
	readonly file: string | undefined;
}

/**
 * Writes verified digests where they were given before, else into the profile that names the version; each file whole or
 * not at all. Never throws: the image is made.
 */
export async function writePins(pins: readonly Pin[], { origins }: ResolvedProfile, cwd: string): Promise<Pinned[]> {
	const pinned: Pinned[] = [];
	for (const pin of pins) {
		const origin = origins.get(`settings.${pin.setting}`) ?? origins.get("settings.k3s_version");
		const file = origin && origin.file !== SET && (await write(pin, resolve(cwd, origin.file))) ? origin.file : undefined;
		pinned.push({ line: `${pin.setting} = "${pin.sha256}"`, file });
	}
	return pinned;
}

/** Whether it could be written. */
async function write(pin: Pin, path: string): Promise<boolean> {
	try {
		await access(path, constants.W_OK);
		const text = withPin(await readFile(path, "utf8"), pin);
		if (text !== undefined) await replace(path, text);
		return text !== undefined;
	} catch {
		return false;
	}
}

async function replace(path: string, text: string): Promise<void> {
	const aside = `${path}.${process.pid}.partial`;
	try {
		await writeFile(aside, text, { mode: (await stat(path)).mode });
		await rename(aside, path);
	} finally {
		await rm(aside, { force: true });
	}
}
