import { createHash } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { canonical } from "../../core/node/canonical.ts";
import { writePrivate } from "../../core/private-file.ts";
import type { Described } from "./types.ts";

/**
 * The generation of a cluster's seeds, kept in `DIR/.clusteros/seed-generation`: it counts up when what seeds are made from
 * has changed, so that a node applies a new seed again and an unchanged one not.
 */
export async function seedGeneration(described: Described, secrets: SecretsFile): Promise<number> {
	const folder = join(described.dir, ".clusteros");
	const file = join(folder, "seed-generation");
	const digest = digestOf(described, secrets);
	const [number, before] = (await readFile(file, "utf8").catch(ifMissing)).trim().split(" ");
	const last = /^[1-9][0-9]*$/.test(number ?? "") ? Number(number) : 0;
	if (last > 0 && before === digest) return last;
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await writePrivate(file, `${last + 1} ${digest}\n`);
	return last + 1;
}

/** Of all that a seed is made from, and of nothing else: not the image, nor how nodes are reached. */
function digestOf({ cluster, nodes, users, partitions, manifests }: Described, secrets: SecretsFile): string {
	const { image: _, node: __, user: ___, ...rest } = cluster;
	const placed = nodes.map(({ reach: _, ...node }) => node);
	return createHash("sha256")
		.update(canonical({ rest, nodes: placed, users, partitions, manifests, secrets }))
		.digest("hex");
}

function ifMissing(error: NodeJS.ErrnoException): string {
	if (error.code === "ENOENT") return "";
	throw error;
}
