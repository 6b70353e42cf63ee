import type { Base, BaseArchitecture } from "../../core/contract/base.ts";
import type { ContainerImage } from "../../core/contract/overlay.ts";
import type { ResolvedProfile, Units } from "../../core/contract/profile.ts";
import type { Request, SolvedLayer } from "../apt/solve.ts";
import type { DiskLayout } from "../disk/layout.ts";
import type { RenderedFile } from "../render/types.ts";

/** A file that goes into the image or runs in it, and its SHA-256. */
export interface DigestedFile {
	readonly path: string;
	readonly sha256: string;
}

/** A file for the image that is too large to be rendered. */
export interface Program {
	/** For people and the manifest: "node 24.21.0". */
	readonly name: string;
	/** Absolute in the image. */
	readonly path: string;
	readonly mode: number;
	readonly sha256: string;
	readonly from: ProgramSource;
}

/** Where the bytes are: on this machine (bytes), or at an address that is only asked once they are needed. */
export type ProgramSource =
	| { readonly file: string; readonly size: number }
	| { readonly url: string; readonly file?: undefined };

/** The k3s of an image, as its manifest tells of it. */
export interface K3sObserved {
	readonly version: string;
	readonly layout: "bundled" | "unbundled";
	/** Of the file `k3s`. */
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
	readonly programs: readonly Program[];
	readonly k3s: K3sObserved | undefined;
	readonly containerImages: readonly ContainerImage[];
	readonly agent: DigestedFile;
	readonly scripts: readonly DigestedFile[];
	readonly units: Units;
	/** Versions of host programs that shape bytes. */
	readonly tools: Readonly<Record<string, string>>;
	/** SOURCE_DATE_EPOCH when it is set; otherwise the newest package's own time decides. */
	readonly epoch: number | undefined;
}
