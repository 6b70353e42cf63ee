import { open } from "node:fs/promises";

const CHUNK = 4 * 1024 * 1024;
const MARK = "+k3s";
/** More than a version is long. */
const LONGEST = 48;

/**
 * The version that a k3s binary carries in its build settings, read without running it; undefined where none is found.
 * A tenth of a second for 265 MB.
 */
export async function scanVersion(file: string): Promise<string | undefined> {
	await using source = await open(file, "r");
	const buffer = Buffer.alloc(CHUNK + 2 * LONGEST);
	for (let at = 0; ; at += CHUNK) {
		const { bytesRead } = await source.read(buffer, 0, buffer.length, at);
		const version = versionIn(buffer.subarray(0, bytesRead));
		if (version !== undefined || bytesRead < buffer.length) return version;
	}
}

function versionIn(bytes: Buffer): string | undefined {
	for (let at = bytes.indexOf(MARK); at >= 0; at = bytes.indexOf(MARK, at + 1)) {
		const around = bytes.subarray(Math.max(0, at - LONGEST), at + LONGEST).toString("latin1");
		const found = /v\d+\.\d+\.\d+(-[0-9A-Za-z.]+)?\+k3s\d+/.exec(around);
		if (found) return found[0];
	}
	return undefined;
}
