import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** A package as the tree's own dpkg has it: name, version, architecture, bytes unpacked. */
export type Installed = readonly [name: string, version: string, arch: string, size: number];

/** What is installed in a tree, from dpkg's status file; sorted by name. */
export async function installedPackages(root: string): Promise<Installed[]> {
	const text = await readFile(join(root, "var/lib/dpkg/status"), "utf8");
	return text
		.split(/\n\n+/)
		.filter((stanza) => /^Status: install ok installed$/m.test(stanza))
		.map(
			(stanza): Installed => [
				field(stanza, "Package"),
				field(stanza, "Version"),
				field(stanza, "Architecture"),
				Number(field(stanza, "Installed-Size")) * 1024,
			],
		)
		.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function field(stanza: string, name: string): string {
	return new RegExp(`^${name}: (.*)$`, "m").exec(stanza)?.[1] ?? "";
}
