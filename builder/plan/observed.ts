import type { Base, BaseArchitecture } from "../../core/contract/base.ts";
import type { ResolvedProfile, Units } from "../../core/contract/profile.ts";
import type { Request, SolvedLayer } from "../apt/solve.ts";
import type { DiskLayout } from "../disk/layout.ts";
import type { RenderedFile } from "../render/types.ts";

/** A file that goes into the image or runs in it, and its SHA-256. */
export interface DigestedFile {
	readonly path: string;
	readonly sha256: string;
}

/** Everything a plan depends on, looked at once: the planner itself touches no disk, clock or network. */
export interface Observed {
	readonly name: string;
	readonly resolved: ResolvedProfile;
	readonly base: Base;
	readonly arch: string;
	readonly architecture: BaseArchitecture;
	readonly formats: readonly string[];
	readonly layout: DiskLayout;
	readonly cmdline: string;
	/** What each layer asks for, and what apt's solver makes of it; in order. */
	readonly requests: readonly Request[];
	readonly solved: readonly SolvedLayer[];
	/** SHA-256 of local .debs by path. */
	readonly localDebs: Readonly<Record<string, string>>;
	/** deb822 text that packages are installed with. */
	readonly sources: string;
	/** InRelease digests, for the record and the manifest. */
	readonly pockets: readonly { readonly name: string; readonly sha256: string }[];
	readonly files: readonly RenderedFile[];
	readonly node: DigestedFile & { readonly version: string };
	readonly agent: DigestedFile;
	readonly scripts: readonly DigestedFile[];
	readonly units: Units;
	/** Versions of host programs that shape bytes. */
	readonly tools: Readonly<Record<string, string>>;
	/** SOURCE_DATE_EPOCH when it is set; otherwise the newest package's own time decides. */
	readonly epoch: number | undefined;
}
