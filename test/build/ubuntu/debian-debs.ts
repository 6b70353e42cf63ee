import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { archiveAddresses, baseSources, buildKeyrings } from "../../../builder/apt/archives.ts";
import { deb822 } from "../../../builder/apt/deb822.ts";
import { fetchDebs } from "../../../builder/apt/fetch.ts";
import { hostSources } from "../../../builder/apt/host.ts";
import { fetchIndex } from "../../../builder/apt/index.ts";
import { type Request, solve } from "../../../builder/apt/solve.ts";
import { namespaceTrees } from "../../../builder/namespace/trees.ts";
import { readBase } from "../../../builder/profile/base.ts";
import { openStore } from "../../../builder/store/store.ts";
import { SHARED_CACHE } from "../support/shared.ts";

const BASES = join(import.meta.dirname, "../../../profiles/bases");

/**
 * Debian 13's own .debs for these requests, under apt's names in `out`: links to the shared cache, where other builds
 * leave and find them. Nothing is built.
 */
export async function debianDebs(requests: readonly Request[], out: string): Promise<{ name: string; deb: string }[]> {
	const { base, file } = await readBase("debian-13", [BASES]);
	const store = await openStore(SHARED_CACHE, namespaceTrees(), { warn: (text) => process.stderr.write(`${text}\n`) });
	const addresses = await archiveAddresses(base, [], hostSources(base.distribution, store.memo));
	const tried = [...addresses.values()].map(({ uri }) => uri);
	const sources = deb822(baseSources(base, addresses, buildKeyrings(base, join(dirname(file), base.apt.keyring.copy))));
	const common = { arch: "amd64", recommends: false, options: base.apt.options };
	const index = await fetchIndex({
		...common,
		dir: join(store.dir, "apt"),
		sources,
		tried,
		now: new Date(),
		refresh: false,
	});
	const layers = await solve({ ...common, index, requests, whereOf: () => ({}), archive: "debian-13" });
	const debs = layers.flatMap((layer) => layer.debs);
	await mkdir(out, { recursive: true });
	await fetchDebs({ world: index.world, debs, shelf: store.debs, temp: out, tried });
	return Promise.all(
		debs.map(async ({ name, sha256, file: own }) => {
			const deb = join(out, basename(own));
			if (!(await store.debs.link(sha256, deb))) throw new Error(`the kept copy of ${own} is damaged`);
			return { name, deb };
		}),
	);
}
