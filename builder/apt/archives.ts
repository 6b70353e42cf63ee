import { existsSync } from "node:fs";
import type { Base } from "../../core/contract/base.ts";
import type { AptSource } from "../../core/contract/profile.ts";
import { UserError } from "../../core/errors.ts";
import type { DebSource } from "./deb822.ts";

/** Where each archive of a base is fetched from, and who said so. */
export interface ArchiveAddress {
	readonly uri: string;
	readonly from: "--mirror" | "base" | "host" | "mmdebstrap";
}

/** What can be asked about archives that a base gives no address for. */
export interface ArchiveSources {
	/** An address that the host's own apt uses for this family, if any. */
	host(archive: string): Promise<string | undefined>;
	/** mmdebstrap's default mirror for a suite. */
	standard(suite: string): Promise<string>;
}

/**
 * Addresses of a base's archives. `mirrors` is what --mirror gave: `URL` stands for the archive named `archive` and
 * those mirrored with it, `NAME=URL` for one archive.
 * @throws UserError for an archive name that the base does not have.
 */
export async function archiveAddresses(
	base: Base,
	mirrors: readonly string[],
	sources: ArchiveSources,
): Promise<ReadonlyMap<string, ArchiveAddress>> {
	const given = parseMirrors(base, mirrors);
	const found = new Map<string, ArchiveAddress>();
	for (const [name, archive] of Object.entries(base.apt.archives)) {
		const mirror = given.get(name) ?? (archive.mirrored_with ? given.get(archive.mirrored_with) : undefined);
		found.set(name, mirror ? { uri: mirror, from: "--mirror" } : await addressOf(name, archive, sources));
	}
	return found;
}

async function addressOf(
	name: string,
	archive: Base["apt"]["archives"][string],
	sources: ArchiveSources,
): Promise<ArchiveAddress> {
	if (archive.uri) return { uri: archive.uri, from: "base" };
	const host = await sources.host(name);
	if (host) return { uri: host, from: "host" };
	return { uri: await sources.standard(archive.default_suite!), from: "mmdebstrap" };
}

function parseMirrors(base: Base, mirrors: readonly string[]): Map<string, string> {
	const known = Object.keys(base.apt.archives);
	return new Map(
		mirrors.map((text) => {
			const [, name = "archive", uri] = /^(?:([a-z][a-z0-9-]*)=)?(.*)$/.exec(text)!;
			if (!known.includes(name)) {
				throw new UserError("usage", {
					message: `--mirror ${text}: base ${base.name} has no archive "${name}"`,
					fix: `archives of ${base.name}: ${known.join(", ")}`,
				});
			}
			if (!/^(https?:\/\/|file:\/|copy:\/)/.test(uri!)) {
				throw new UserError("usage", { message: `--mirror ${text}: not an address`, fix: "--mirror http://HOST/ubuntu" });
			}
			return [name, uri!.replace(/\/+$/, "")] as const;
		}),
	);
}

/** Sources for the base's own pockets: one paragraph an archive, in the order of the pockets. */
export function baseSources(
	base: Base,
	addresses: ReadonlyMap<string, { readonly uri: string }>,
	keyrings: readonly string[],
): DebSource[] {
	const archives = [...new Set(base.apt.pockets.map((pocket) => pocket.archive))];
	return archives.map((archive) => ({
		uris: [addresses.get(archive)!.uri],
		suites: base.apt.pockets.filter((pocket) => pocket.archive === archive).map((pocket) => pocket.suite),
		components: base.apt.components,
		signedBy: keyrings,
	}));
}

/** Sources that the profile adds. */
export function extraSources(sources: readonly AptSource[]): DebSource[] {
	return sources.map(({ uris, suites, components, key }) => ({ uris, suites, components, signedBy: { armoured: key } }));
}

/** Keyrings that apt may believe for a base on this host: the host's package where installed, and our own copy. */
export function buildKeyrings(base: Base, copy: string): string[] {
	return [base.apt.keyring.host, copy].filter((file) => existsSync(file));
}
