import { access, constants, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { ResolvedProfile } from "../../core/contract/profile.ts";
import { SET } from "../profile/source.ts";
import type { Pin } from "./release.ts";

/**
 * Sets settings in a profile's text: a line that gives one is replaced (its comment stays), others come right after the
 * line of `k3s_version`. Undefined when the text has no such line of its own.
 */
export function withPins(text: string, pins: readonly Pin[]): string | undefined {
	const lines = text.split("\n");
	for (const { setting, sha256 } of pins) {
		const prefix = prefixOf(lines);
		if (prefix === undefined) return undefined;
		const given = lines.findIndex(
			(line) =>
				line.trimStart().startsWith(`${prefix.text}${setting} `) || line.trimStart().startsWith(`${prefix.text}${setting}=`),
		);
		if (given >= 0) lines[given] = lines[given]!.replace(/=\s*(["'])[^"']*\1/, () => `= "${sha256}"`);
		else lines.splice(prefix.line + 1, 0, `${prefix.indent}${prefix.text}${setting} = "${sha256}"`);
	}
	return lines.join("\n");
}

/** How `k3s_version` is written there: below `[settings]`, or as `settings.k3s_version`. */
function prefixOf(lines: readonly string[]): { line: number; indent: string; text: string } | undefined {
	for (const [line, content] of lines.entries()) {
		const [, indent, text] = /^(\s*)((?:settings\.)?)k3s_version\s*=/.exec(content) ?? [];
		if (indent !== undefined) return { line, indent, text: text! };
	}
	return undefined;
}

/** What became of the pins, for the person. */
export interface Pinned {
	/** The file that has them now; undefined when they could not be written. */
	readonly file: string | undefined;
	/** The lines to add by hand then. */
	readonly lines: readonly string[];
}

/** Writes verified digests into the profile that names the version, whole or not at all. Never throws: the image is made. */
export async function writePins(pins: readonly Pin[], { origins }: ResolvedProfile, cwd: string): Promise<Pinned> {
	const lines = pins.map(({ setting, sha256 }) => `${setting} = "${sha256}"`);
	const origin = origins.get("settings.k3s_version");
	if (!origin || origin.file === SET) return { file: undefined, lines };
	const path = resolve(cwd, origin.file);
	try {
		await access(path, constants.W_OK);
		const text = withPins(await readFile(path, "utf8"), pins);
		if (text === undefined) return { file: undefined, lines };
		await replace(path, text);
		return { file: origin.file, lines };
	} catch {
		return { file: undefined, lines };
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
