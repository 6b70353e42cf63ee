import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "../../../core/process/run.ts";

/** A package of a few files, as data. */
export interface SmallDeb {
	readonly name: string;
	readonly version: string;
	readonly section?: string;
	/** Further control fields, such as Depends. */
	readonly fields?: Readonly<Record<string, string>>;
	/** Content by absolute path. */
	readonly files?: Readonly<Record<string, string | Uint8Array>>;
	/** Maintainer scripts and triggers by name. */
	readonly control?: Readonly<Record<string, string>>;
}

/** Members of the archive are dated with this, so that two runs make the same bytes (2025-06-15). */
const EPOCH = "1750000000";

/** Makes the package with the real dpkg-deb; returns its path. Uncompressed: it lives for one test. */
export async function makeDeb(spec: SmallDeb, out: string): Promise<string> {
	const tree = await mkdtemp(join(tmpdir(), "clusteros-deb-"));
	try {
		for (const [path, content] of Object.entries(spec.files ?? {})) await place(join(tree, path), content);
		for (const [name, text] of Object.entries(spec.control ?? {})) {
			await place(join(tree, "DEBIAN", name), text, name === "triggers" ? 0o644 : 0o755);
		}
		await place(join(tree, "DEBIAN/control"), controlOf(spec));
		return await pack(tree, join(out, `${spec.name}_${spec.version.replace(/^\d+:/, "")}_amd64.deb`));
	} finally {
		await rm(tree, { recursive: true, force: true });
	}
}

/** The same package with other control fields; `files` are added or replaced. Returns its path. */
export async function remakeDeb(from: string, change: Omit<SmallDeb, "control">, out: string): Promise<string> {
	const tree = await mkdtemp(join(tmpdir(), "clusteros-deb-"));
	try {
		await run(["dpkg-deb", "--raw-extract", from, tree], { doing: `unpacking ${from}` });
		const { stdout } = await run(["dpkg-deb", "--field", from], { doing: `reading ${from}` });
		await place(join(tree, "DEBIAN/control"), withFields(stdout, { Version: change.version, ...change.fields }));
		for (const [path, content] of Object.entries(change.files ?? {})) await place(join(tree, path), content);
		const arch = /^Architecture: (.*)$/m.exec(stdout)![1];
		return await pack(tree, join(out, `${change.name}_${change.version.replace(/^\d+:/, "")}_${arch}.deb`));
	} finally {
		await rm(tree, { recursive: true, force: true });
	}
}

async function place(path: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await rm(path, { force: true });
	await writeFile(path, content, { mode });
}

async function pack(tree: string, deb: string): Promise<string> {
	await mkdir(dirname(deb), { recursive: true });
	const argv = ["dpkg-deb", "--root-owner-group", "--uniform-compression", "-Znone", "--build", tree, deb];
	await run(argv, { doing: `making ${deb}`, env: { SOURCE_DATE_EPOCH: EPOCH } });
	return deb;
}

function controlOf({ name, version, section = "misc", fields = {} }: SmallDeb): string {
	const all = {
		Package: name,
		Version: version,
		Architecture: "amd64",
		Maintainer: "ClusterOS tests <tests@clusteros.invalid>",
		Section: section,
		Priority: "optional",
		"Installed-Size": "100",
		Description: `stand-in for ${name}`,
		...fields,
	};
	return Object.entries(all)
		.map(([field, value]) => `${field}: ${value}\n`)
		.join("");
}

/** A control paragraph with some fields replaced, or added; an empty value takes one out. */
function withFields(control: string, fields: Readonly<Record<string, string>>): string {
	const names = Object.keys(fields);
	const kept = control.split(/\n(?=\S)/).filter((field) => !names.includes(field.split(":")[0]!));
	const added = Object.entries(fields).flatMap(([name, value]) => (value === "" ? [] : [`${name}: ${value}`]));
	return `${[...kept.map((field) => field.trimEnd()), ...added].join("\n")}\n`;
}
