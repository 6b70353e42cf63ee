/**
 * What is asked of the process inside the namespace: one job on its standard input, events on its standard output.
 * Inside we are root (of the machine or of a user namespace), with mounts of our own and no network.
 */

/** A stack of layers, the lowest first; each a folder `DIR/tree`. */
export type Stack = readonly string[];

/** What every layer of packages needs, whoever installs them. */
interface PackagesJob {
	/** Where the layer goes: the whole tree, or what changes in the one below. */
	readonly tree: string;
	/** Scratch folder, removed at the end, as in every job that has one. */
	readonly work: string;
	readonly arch: string;
	readonly packages: readonly string[];
	/** deb822 text. */
	readonly sources: string;
	/** apt's verified lists, and a folder of .debs under apt's own names. */
	readonly lists: string;
	readonly archives: string;
	readonly recommends: boolean;
	/** dpkg's path-exclude patterns. */
	readonly pathExclude: readonly string[];
	readonly aptOptions: Readonly<Record<string, string>>;
	readonly epoch: number;
	/** Packages expected to be unpacked, for progress. */
	readonly expected: number;
}

/** Makes the first layer with mmdebstrap. */
export interface BootstrapJob extends PackagesJob {
	readonly kind: "bootstrap";
}

/** Adds packages on top of a stack. */
export interface InstallJob extends PackagesJob {
	readonly kind: "install";
	readonly below: Stack;
	/** Names of local .debs in `archives`. */
	readonly debs: readonly string[];
}

/** Puts programs that come from no package into a layer of their own. */
export interface ProgramsJob {
	readonly kind: "programs";
	readonly below: Stack;
	readonly tree: string;
	readonly work: string;
	/** `from` lies on this machine, `path` is absolute in the image. */
	readonly programs: readonly { readonly from: string; readonly path: string; readonly mode: number; readonly sha256: string }[];
	readonly epoch: number;
}

/** Puts our own files on top, sets units, runs the site's scripts, and takes out all that must not be shared. */
export interface FilesJob {
	readonly kind: "files";
	readonly below: Stack;
	readonly tree: string;
	readonly work: string;
	/** Tar of our files, owners by name. */
	readonly archive: string;
	readonly units: { readonly enable: readonly string[]; readonly disable: readonly string[]; readonly mask: readonly string[] };
	readonly scripts: readonly string[];
	readonly containerImages: readonly import("../../core/contract/overlay.ts").ContainerImage[];
	readonly grub: {
		readonly bios?: { readonly target: string; readonly dir: string; readonly modules: readonly string[] } | undefined;
		readonly menu: {
			readonly rootUuid: string;
			readonly cmdline: string;
			readonly serial: { readonly unit: number; readonly speed: number };
			readonly title: string;
		};
	};
	/** Folder that gets `vmlinuz` and `initrd`. */
	readonly boot: string;
	readonly epoch: number;
}

/** Writes a whole raw disk from a stack. */
export interface DiskJob {
	readonly kind: "disk";
	readonly below: Stack;
	readonly work: string;
	readonly image: string;
	readonly layout: import("../disk/layout.ts").DiskLayout;
	readonly efi: import("../../core/contract/base.ts").BaseArchitecture["efi"];
	readonly biosDir?: string | undefined;
	readonly epoch: number;
}

/** Looks at, compares or removes a tree whose owners only exist in here. */
export interface InventoryJob {
	readonly kind: "inventory";
	readonly dir: string;
}
export interface CheckJob {
	readonly kind: "check";
	readonly dir: string;
	readonly deep: boolean;
}
export interface RemoveJob {
	readonly kind: "remove";
	readonly dir: string;
}

/** Runs a program in the tree of a stack and changes nothing: for tests and questions such as `systemd-analyze verify`. */
export interface AskJob {
	readonly kind: "ask";
	readonly below: Stack;
	readonly work: string;
	readonly argv: readonly string[];
}

export type Job = BootstrapJob | InstallJob | ProgramsJob | FilesJob | DiskJob | InventoryJob | CheckJob | RemoveJob | AskJob;

/** What each job answers with. */
export interface Answers {
	readonly bootstrap: Record<string, never>;
	readonly install: Record<string, never>;
	readonly programs: Record<string, never>;
	readonly files: { readonly kernel: string; readonly packages: readonly import("./installed.ts").Installed[] };
	readonly disk: Record<string, never>;
	readonly inventory: { readonly bytes: number };
	readonly check: { readonly differences: readonly string[] };
	readonly remove: Record<string, never>;
	readonly ask: { readonly stdout: string; readonly stderr: string; readonly exitCode: number };
}

/** One line of JSON from inside. */
export type Event =
	| { readonly type: "progress"; readonly fraction?: number | undefined; readonly text?: string | undefined }
	| { readonly type: "log"; readonly line: string }
	| { readonly type: "answer"; readonly answer: Answers[keyof Answers] }
	| { readonly type: "error"; readonly error: WireError };

/** An error as it crosses the boundary. */
export type WireError =
	| {
			readonly name: "UserError";
			readonly kind: import("../../core/errors.ts").UserErrorKind;
			readonly problems: readonly import("../../core/errors.ts").Problem[];
	  }
	| { readonly name: "ToolError"; readonly failure: import("../../core/errors.ts").ToolFailure }
	| { readonly name: "Error"; readonly message: string; readonly code?: string | undefined; readonly stack?: string | undefined };
