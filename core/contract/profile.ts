import * as z from "zod";
import { formatVersion } from "./version.ts";

/**
 * A profile (`profiles/*.toml`, or a file of the site's own): what goes into an image.
 * Everything is optional in a file; {@link Profile} is what is left after `extends` and `--set` are merged.
 */

const unitName = z
	.string()
	.regex(/^[\w:@.\\-]+\.(service|socket|target|timer|mount|path|slice)$/, "a unit's full name, such as ssh.service");
const packageName = z
	.string()
	.regex(/^-?[a-z0-9][a-z0-9+.:-]*(=[\w.+~:-]+)?$/, "a Debian package name, such as slurm-client, or -name to remove it");
const size = z.string().regex(/^\d+(MiB|GiB)$/, "a size such as 512MiB or 4GiB");
const listItem = z.string().min(1);

export const units = z.strictObject({
	enable: z.array(unitName).default([]).describe("Units started at boot."),
	disable: z.array(unitName).default([]).describe("Units that are installed but not started at boot."),
	mask: z.array(unitName).default([]).describe("Units that must never start."),
});

export const aptSource = z.strictObject({
	name: z
		.string()
		.regex(/^[a-z0-9][a-z0-9-]*$/, "lower-case letters, digits and dashes")
		.describe("Name of the source; becomes /etc/apt/sources.list.d/NAME.sources in the image."),
	uris: z.array(z.string().min(1)).min(1).describe("Archive addresses: http(s)://, copy:/ or file:/."),
	suites: z.array(z.string().min(1)).min(1).describe("Suites, or paths that end in a slash for flat archives."),
	components: z.array(z.string().min(1)).default([]).describe("Components; empty for flat archives."),
	key: z
		.string()
		.min(1)
		.describe("The signing key: ASCII-armoured text, or a file beside the profile. A source is never taken unsigned."),
	keep: z.boolean().default(true).describe("Whether the image keeps the source for later upgrades."),
});

export const profileFile = z.strictObject({
	version: formatVersion,
	description: z.string().default("").describe("One line for people."),
	extends: z
		.array(z.string())
		.default([])
		.describe("Profiles this one builds on, merged left to right; later wins, lists are appended."),
	base: z.string().optional().describe("Distribution to build on: a name from profiles/bases, or a path to a base file."),
	packages: z
		.array(packageName)
		.default([])
		.describe("Debian packages to install; -name takes one away that a parent asked for."),
	recommends: z.boolean().optional().describe("Install recommended packages too (default false)."),
	path_exclude: z
		.array(z.string().regex(/^-?\/usr\/share\/[^*?[\]]+.*$/, "a dpkg pattern below /usr/share that starts with a plain folder"))
		.default([])
		.describe("Files of packages that the image leaves out, now and in later upgrades (dpkg's path-exclude patterns)."),
	overlays: z.array(listItem).default([]).describe("Overlay folders: a name from overlays/, or a path beside this profile."),
	units: units.prefault({}),
	kernel: z
		.strictObject({
			flavour: z.string().optional().describe("Kernel packages to take: generic (metal and VMs) or virtual (VMs only, smaller)."),
			args: z.array(listItem).default([]).describe("Kernel arguments, added to ours."),
		})
		.prefault({}),
	console: z
		.strictObject({
			serial: z
				.string()
				.regex(/^tty[A-Za-z]+\d+$/, "a serial device such as ttyS0")
				.optional()
				.describe("Serial console's device."),
			speed: z.number().int().positive().optional().describe("Serial console's speed in baud."),
		})
		.prefault({}),
	disk: z
		.strictObject({
			size: size
				.optional()
				.describe("Size of the disk image; root takes what the other partitions leave, and grows at first boot."),
			esp: size.optional().describe("Size of the EFI system partition (at least 260MiB: 4096-byte-sector disks need it)."),
			seed: size.optional().describe("Size of the CIDATA partition for a NoCloud seed."),
			filesystem: z.enum(["ext4"]).optional().describe("Root filesystem."),
		})
		.prefault({}),
	formats: z.array(listItem).optional().describe("Image formats made when --format is not given; replaces the parent's list."),
	ssh: z
		.strictObject({
			password_login: z.boolean().optional().describe("Whether sshd takes passwords (default false)."),
			root_login: z.boolean().optional().describe("Whether root may log in by key (default false)."),
		})
		.prefault({}),
	settings: z
		.record(z.string().regex(/^[a-z][a-z0-9_]*$/, "a lower-case name"), z.union([z.string(), z.number(), z.boolean()]))
		.default({})
		.describe("Values for the templates of overlays, as {{settings.NAME}}."),
	apt: z.strictObject({ sources: z.array(aptSource).default([]).describe("Extra signed apt sources.") }).prefault({}),
	debs: z.array(listItem).default([]).describe("Local .deb files, as paths beside this profile."),
	scripts: z
		.array(listItem)
		.default([])
		.describe("Scripts run in the finished tree as root, without network; paths beside this profile."),
});

/** One profile file as read, defaults filled in, nothing merged. */
export type ProfileFile = z.output<typeof profileFile>;
export type AptSource = z.output<typeof aptSource>;
export type Units = z.output<typeof units>;

/** One step of the linearised `extends` chain: what this profile adds to the packages of those before it. */
export interface ProfileLayer {
	/** Name of the profile that the layer comes from. */
	readonly name: string;
	readonly packages: readonly string[];
	/** Absolute paths of local .debs. */
	readonly debs: readonly string[];
	/** Names of the overlays that this profile names: packages they ask for join this layer. */
	readonly overlays?: readonly string[];
}

/** A profile with its whole `extends` chain and every `--set` merged; paths are absolute. */
export interface Profile {
	readonly name: string;
	readonly description: string;
	readonly base: string;
	readonly recommends: boolean;
	/** dpkg patterns. */
	readonly pathExclude: readonly string[];
	/** In install order, the base layer first; base distribution, kernel and boot packages are not in here. */
	readonly layers: readonly ProfileLayer[];
	/** Overlay folders in the order in which they apply. */
	readonly overlays: readonly { readonly name: string; readonly dir: string }[];
	readonly units: Units;
	readonly kernel: { readonly flavour: string; readonly args: readonly string[] };
	readonly console: { readonly serial: string; readonly speed: number };
	readonly disk: { readonly size: string; readonly esp: string; readonly seed: string; readonly filesystem: "ext4" };
	readonly formats: readonly string[];
	readonly ssh: { readonly password_login: boolean; readonly root_login: boolean };
	readonly settings: Readonly<Record<string, string | number | boolean>>;
	/** `key` is the ASCII-armoured text itself here. */
	readonly aptSources: readonly AptSource[];
	readonly scripts: readonly string[];
}

/** Where a merged value came from: `--set` has no line. */
export interface Origin {
	readonly file: string;
	readonly line?: number | undefined;
	readonly column?: number | undefined;
}

/** A profile and, for each dotted path such as `packages[3]` or `disk.size`, where its value was given. */
export interface ResolvedProfile {
	readonly profile: Profile;
	readonly origins: ReadonlyMap<string, Origin>;
	/** Files that were read, in order: their bytes are inputs of the build. */
	readonly files: readonly string[];
}
