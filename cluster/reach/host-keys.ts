import { readFile } from "node:fs/promises";
import { writePrivate } from "../../core/private-file.ts";

/** The name under which a node's host key is kept: addresses and ports change hands. */
export function hostAlias(clusterId: string, node: string): string {
	return `clusteros-${clusterId.slice(0, 8)}-${node}`;
}

/**
 * What a node's agent shows on the console once per boot. Others write there without ending their lines; a key has 68
 * characters, and one that is shorter is still being written.
 */
const SHOWN = /clusteros-hostkey \S+ (ssh-ed25519 [A-Za-z0-9+/]{68})(?![A-Za-z0-9+/=])/g;

/** The host key that a console's log shows last, as known_hosts has it; undefined when it shows none. */
export function shownHostKey(serial: string): string | undefined {
	return [...serial.matchAll(SHOWN)].at(-1)?.[1];
}

/** known_hosts with `key` as the only key of `alias`, or with none of it. Other lines stay as they are. */
export function withHostKey(knownHosts: string, alias: string, key: string | undefined): string {
	const lines = knownHosts.split("\n").filter((line) => line.trim() !== "" && line.split(/\s/)[0] !== alias);
	return [...lines, ...(key === undefined ? [] : [`${alias} ${key}`])].map((line) => `${line}\n`).join("");
}

/** Whether known_hosts has a key of `alias`. */
export function hasHostKey(knownHosts: string, alias: string): boolean {
	return knownHosts.split("\n").some((line) => line.split(/\s/)[0] === alias);
}

/** Changes known_hosts in one step; leaves it alone when nothing changes. Returns what it holds. */
export async function changeKnownHosts(file: string, change: (before: string) => string): Promise<string> {
	const before = await readIfThere(file);
	const after = change(before);
	if (after === before) return after;
	await writePrivate(file, after);
	return after;
}

/** A file's text; empty when there is none. */
export async function readIfThere(file: string): Promise<string> {
	return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
		if (error.code === "ENOENT") return "";
		throw error;
	});
}
