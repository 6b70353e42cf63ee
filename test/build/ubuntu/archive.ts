import { link, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../../../core/process/run.ts";
import type { Key } from "./key.ts";

export type Suite = "noble" | "noble-updates" | "noble-security";
export type Component = "main" | "universe";

/** A package and where Ubuntu would have it. */
export interface Placed {
	readonly deb: string;
	readonly suite: Suite;
	readonly component: Component;
}

const SUITES: readonly Suite[] = ["noble", "noble-updates", "noble-security"];

/**
 * Lays an archive out as Ubuntu does: one pool, three suites, Packages by hash, each Release signed.
 * The index is made by apt-ftparchive, so that none of it is in our own words.
 */
export async function makeArchive(root: string, packages: readonly Placed[], key: Key): Promise<void> {
	const lists = join(root, "../lists");
	await rm(lists, { recursive: true, force: true });
	await mkdir(lists, { recursive: true });
	const placed = await Promise.all(packages.map(async (one) => ({ ...one, path: await intoPool(root, one) })));
	for (const suite of SUITES) {
		for (const component of ["main", "universe"] as const) {
			const paths = placed.filter((one) => one.suite === suite && one.component === component).map(({ path }) => path);
			await writeFile(join(lists, `${suite}_${component}`), paths.map((path) => `${path}\n`).join(""));
			await mkdir(join(root, "dists", suite, component, "binary-amd64"), { recursive: true });
		}
	}
	const config = join(lists, "generate.conf");
	await writeFile(config, generateConf(root, lists));
	await run(["apt-ftparchive", "generate", config], { doing: "indexing the test's archive" });
	for (const suite of SUITES) await release(root, lists, suite, key);
}

async function intoPool(root: string, { deb, component }: Placed): Promise<string> {
	// apt's own name for a kept .deb has the epoch in it, a pool's has not.
	const file = basename(deb).replace(/_\d+%3a/, "_");
	const name = file.split("_")[0]!;
	const path = join("pool", component, name.startsWith("lib") ? name.slice(0, 4) : name.slice(0, 1), name, file);
	await mkdir(dirname(join(root, path)), { recursive: true });
	await link(deb, join(root, path)).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "EEXIST") throw error;
	});
	return path;
}

function generateConf(root: string, lists: string): string {
	const tree = (suite: Suite) =>
		`Tree "dists/${suite}" { Sections "main universe"; Architectures "amd64"; FileList "${suite}_$(SECTION)"; Contents " "; };`;
	return [
		`Dir { ArchiveDir "${root}"; CacheDir "${lists}"; FileListDir "${lists}"; };`,
		'Default { Packages::Compress ". gzip"; };',
		...SUITES.map(tree),
		"",
	].join("\n");
}

async function release(root: string, lists: string, suite: Suite, key: Key): Promise<void> {
	const dir = join(root, "dists", suite);
	const config = join(lists, `${suite}.conf`);
	const fields = {
		Origin: "Ubuntu",
		Label: "Ubuntu",
		Suite: suite,
		Version: "24.04",
		Codename: "noble",
		Architectures: "amd64",
		Components: "main universe",
		Description: "Ubuntu Noble 24.04",
	};
	const lines = Object.entries(fields).map(([name, value]) => `APT::FTPArchive::Release::${name} "${value}";\n`);
	await writeFile(config, [...lines, 'APT::FTPArchive::DoByHash "true";\n'].join(""));
	const { stdout } = await run(["apt-ftparchive", "-c", config, "release", dir], { doing: `making ${suite}'s Release` });
	const file = join(dir, "Release");
	await writeFile(file, stdout);
	await key.sign(file, join(dir, "InRelease"), join(dir, "Release.gpg"));
}
