import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import TOML from "@iarna/toml";
import type { OverlaySource } from "../../../builder/render/types.ts";
import { overlayFile } from "../../../core/contract/overlay.ts";

/** An overlay made for one test. `rootfs` is path below rootfs/ to text; `toml` follows the two lines that every overlay.toml has. */
export interface Made {
	readonly name?: string;
	readonly rootfs?: Readonly<Record<string, string>>;
	readonly executable?: readonly string[];
	readonly links?: Readonly<Record<string, string>>;
	readonly toml?: string;
}

/** A folder of overlays, gone when disposed. */
export class Overlays implements AsyncDisposable {
	private readonly dir: string;

	private constructor(dir: string) {
		this.dir = dir;
	}

	static async create(): Promise<Overlays> {
		return new Overlays(await mkdtemp(join(tmpdir(), "clusteros-overlays-")));
	}

	async add({ name = "site", rootfs = {}, executable = [], links = {}, toml = "" }: Made): Promise<OverlaySource> {
		const dir = join(this.dir, name);
		const text = `version = 1\ndescription = "for a test"\n${toml}`;
		await put(join(dir, "overlay.toml"), text);
		for (const [path, content] of Object.entries(rootfs)) await put(join(dir, "rootfs", path), content);
		for (const path of executable) await chmod(join(dir, "rootfs", path), 0o755);
		for (const [path, target] of Object.entries(links)) await symlink(target, join(dir, "rootfs", path));
		return { name, dir, overlay: overlayFile.parse(TOML.parse(text)) };
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.dir, { recursive: true, force: true });
	}
}

async function put(path: string, text: string): Promise<void> {
	await mkdir(dirname(path), { recursive: true });
	await writeFile(path, text);
}
