import type { Overlay } from "../../core/contract/overlay.ts";

/** What templates can name: nothing else, so that a typing error is found and not rendered as nothing. */
export interface TemplateContext {
	readonly profile: { readonly name: string };
	readonly base: { readonly name: string; readonly distribution: string; readonly codename: string };
	/** Debian's name: amd64. */
	readonly arch: string;
	readonly console: { readonly serial: string; readonly speed: number };
	/** Arguments that the profile adds to ours. */
	readonly kernel: { readonly args: readonly string[] };
	readonly ssh: { readonly password_login: boolean; readonly root_login: boolean };
	readonly settings: Readonly<Record<string, string | number | boolean>>;
	/** UUID of the root filesystem. */
	readonly root_uuid: string;
	/** FAT volume id of the EFI system partition, as Linux shows it (1234-ABCD). */
	readonly esp_uuid: string;
	/** The sources that the image keeps, as deb822 text. */
	readonly apt: { readonly sources: string };
	/** The whole kernel command line, `root=` included. */
	readonly cmdline: string;
	/** Only known once the packages are there. */
	readonly kernel_version?: string;
}

/** An overlay folder and its parsed overlay.toml. */
export interface OverlaySource {
	readonly name: string;
	readonly dir: string;
	readonly overlay: Overlay;
}

interface Rendered {
	/** Absolute in the image. */
	readonly path: string;
	readonly mode: number;
	readonly owner: string;
	readonly group: string;
	/** Name of the overlay that brings it. */
	readonly overlay: string;
	/** File that it was made from; overlay.toml for links named there. */
	readonly source: string;
}

export interface RenderedContent extends Rendered {
	readonly content: Buffer;
	readonly target?: undefined;
}

export interface RenderedLink extends Rendered {
	readonly target: string;
	readonly content?: undefined;
}

/** One file of the image: bytes, or a symbolic link. */
export type RenderedFile = RenderedContent | RenderedLink;
