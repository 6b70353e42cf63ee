import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { clusterFile } from "../../core/contract/cluster.ts";
import { UserError } from "../../core/errors.ts";
import { mustCheck } from "../../core/toml/check-document.ts";
import { parseToml, readToml, shownPath, type TomlDocument } from "../../core/toml/toml-document.ts";
import { readManifests } from "./manifests.ts";
import { normalise } from "./normalise.ts";
import { problemsIn } from "./rules.ts";
import type { Described } from "./types.ts";

export { readSecrets } from "./secrets.ts";
export type { Described, DescribedNode } from "./types.ts";

/**
 * Reads `DIR/cluster.toml` and the manifests beside it: parsed, normalised, and held against every rule.
 * @throws UserError with all that is wrong, each with file:line:column.
 */
export async function readCluster(dir: string, cwd: string = process.cwd()): Promise<Described> {
	const file = join(resolve(cwd, dir), "cluster.toml");
	if (!existsSync(file)) {
		const message = `no cluster is described in ${dir}: ${shownPath(file, cwd)} is not there`;
		throw new UserError("usage", { message, fix: `make one: clusteros init ${dir}` });
	}
	const document = await readToml(file, cwd);
	const described = describe(document, resolve(cwd, dir));
	return { ...described, manifests: await readManifests(described.dir, described.cluster.k3s.manifests, document) };
}

/** As {@link readCluster}, from a text that is to become `DIR/cluster.toml`; without its manifests. */
export function describeText(text: string, dir: string, cwd: string = process.cwd()): Described {
	const file = join(resolve(cwd, dir), "cluster.toml");
	return describe(parseToml(text, shownPath(file, cwd), file), resolve(cwd, dir));
}

function describe(document: TomlDocument, dir: string): Described {
	const cluster = mustCheck(document, clusterFile);
	const { draft, problems } = normalise(cluster, document);
	const all = [...problems, ...problemsIn(draft, document)];
	if (all.length > 0) throw new UserError("invalid", all.sort(byPlace));
	const { nodes, controllers, users, partitions } = draft;
	const whole = nodes.map(({ at: _, ...node }) => ({ ...node, mesh: node.mesh! }));
	return {
		dir,
		file: document.file,
		cluster,
		nodes: whole,
		controllers,
		users: users.map(({ at: _, ...user }) => user),
		partitions,
		manifests: [],
	};
}

function byPlace(a: { where?: { line?: number } | undefined }, b: { where?: { line?: number } | undefined }): number {
	return (a.where?.line ?? 0) - (b.where?.line ?? 0);
}
