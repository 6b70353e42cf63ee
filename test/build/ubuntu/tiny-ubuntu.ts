import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeArchive, type Placed } from "./archive.ts";
import { build, type Said, smallProfile } from "./build.ts";
import { baseWithKey, type Key, makeKey } from "./key.ts";
import { type ArchiveServer, type Fault, serve } from "./server.ts";
import { makeTinySystem } from "./stand-ins.ts";

export const SHIPPED_BASE = join(import.meta.dirname, "../../../profiles/bases/ubuntu-24.04.toml");

/** An archive of a few empty packages that looks like Ubuntu's: enough to plan on, and to fail on. */
export interface TinyUbuntu extends AsyncDisposable {
	readonly dir: string;
	readonly server: ArchiveServer;
	readonly key: Key;
	/** Signs nothing that is served. */
	readonly other: Key;
	/** The shipped base with only the keyring replaced, and one that trusts another key than the archive's. */
	readonly base: string;
	readonly distrustful: string;
	/** A new folder, with `p.toml` in it. */
	room(profile: string): Promise<string>;
	/** Builds `p.toml` of a new room from the archive, as `--mirror`, with these faults. */
	build(asked: Asked): Promise<Said & { readonly room: string }>;
}

export interface Asked {
	/** TOML after the small profile's own lines. */
	readonly profile?: string;
	readonly base?: string;
	readonly faults?: Readonly<Record<string, Fault>>;
	readonly mirror?: string;
	/** Builds instead of planning only. */
	readonly apply?: boolean;
	readonly json?: boolean;
}

export async function tinyUbuntu(more: readonly Placed[] = []): Promise<TinyUbuntu> {
	const dir = await mkdtemp(join(tmpdir(), "cu-"));
	const key = await makeKey(dir, "ubuntu");
	const other = await makeKey(dir, "other");
	await makeArchive(join(dir, "archive"), [...(await makeTinySystem(join(dir, "debs"))), ...more], key);
	const server = await serve(join(dir, "archive"));
	const base = await baseWithKey(SHIPPED_BASE, join(dir, "base"), key);
	let rooms = 0;
	const room = async (profile: string) => {
		const path = join(dir, `room-${++rooms}`);
		await mkdir(path);
		await writeFile(join(path, "p.toml"), profile);
		return path;
	};
	return {
		dir,
		server,
		key,
		other,
		base,
		distrustful: await baseWithKey(SHIPPED_BASE, join(dir, "distrustful"), other),
		room,
		build: async (asked) => {
			server.faults.clear();
			for (const [part, fault] of Object.entries(asked.faults ?? {})) server.faults.set(part, fault);
			const path = await room(smallProfile(asked.profile ?? 'packages = ["tool"]'));
			const words = ["--profile", "./p.toml", "--base", asked.base ?? base, "--mirror", asked.mirror ?? server.uri];
			return {
				...(await build(path, server, [...words, ...(asked.apply ? [] : ["--plan"]), ...(asked.json ? ["--json"] : [])])),
				room: path,
			};
		},
		[Symbol.asyncDispose]: async () => {
			for (const one of [server, key, other]) await one[Symbol.asyncDispose]();
			await rm(dir, { recursive: true, force: true });
		},
	};
}

/** A base file with some of its text replaced, each exactly once. */
export async function changedBase(file: string, to: string, changes: Readonly<Record<string, string>>): Promise<string> {
	let text = await readFile(file, "utf8");
	for (const [from, into] of Object.entries(changes)) {
		if (text.split(from).length !== 2) throw new Error(`${file} does not hold ${from} once`);
		text = text.replace(from, () => into);
	}
	await writeFile(to, text);
	return to;
}
