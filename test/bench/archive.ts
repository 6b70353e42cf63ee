import { join } from "node:path";
import { archiveAddresses, baseSources, buildKeyrings } from "../../builder/apt/archives.ts";
import { deb822 } from "../../builder/apt/deb822.ts";
import { hostSources, type Memo } from "../../builder/apt/host.ts";
import { hostAcquireOptions } from "../../builder/apt/world.ts";
import { readBase } from "../../builder/profile/base.ts";

/** Where every side takes its packages from: the addresses that our own builds use on this machine. */
export interface Archive {
	readonly codename: string;
	/** deb822 text, signed-by our keyrings. */
	readonly sources: string;
	/** apt's options: the host's way of reaching archives, as our builds take it. */
	readonly options: Readonly<Record<string, string>>;
	readonly keyrings: readonly string[];
	/** Addresses, to be struck out of all that is kept. */
	readonly secret: readonly string[];
}

const askAlways: Memo = (_name, _question, make) => make();

/** The archive of a base, found as builds find it. */
export async function findArchive(root: string, baseName: string): Promise<Archive> {
	const { base, file } = await readBase(baseName, [join(root, "profiles/bases")]);
	const addresses = await archiveAddresses(base, [], hostSources(base.distribution, askAlways));
	const keyrings = buildKeyrings(base, join(file, "..", base.apt.keyring.copy));
	const uris = [...addresses.values()].map(({ uri }) => uri);
	return {
		codename: base.codename,
		sources: deb822(baseSources(base, addresses, keyrings)),
		options: { ...(await hostAcquireOptions()), ...base.apt.options, "Acquire::Languages": "none" },
		keyrings,
		secret: [...new Set(uris.flatMap((uri) => [uri, new URL(uri).host].filter(Boolean)))],
	};
}
