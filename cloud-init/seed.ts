import { type MimePart, multipart } from "./multipart.ts";
import { renderTemplate, type SeedTemplates } from "./templates.ts";

/** A user made at first boot: login by key only. */
export interface SeedUser {
	readonly name: string;
	/** The same on every node; the next free one when left out. */
	readonly uid?: number;
	/** Lines as in authorized_keys. */
	readonly keys: readonly string[];
	/** May become root without a password. */
	readonly sudo: boolean;
}

/** A file written at first boot, owned by root. */
export interface SeedFile {
	/** Absolute. */
	readonly path: string;
	readonly content: string;
	/** As in chmod: 0o600. */
	readonly mode: number;
}

export interface SeedSpec {
	/** Another id makes cloud-init apply the seed again. */
	readonly instanceId: string;
	/** Missing in a seed for many machines. */
	readonly hostname?: string;
	readonly users: readonly SeedUser[];
	readonly files?: readonly SeedFile[];
	/** Network configuration, version 2; without it the image's own rule asks DHCP on every NIC. */
	readonly network?: { readonly version: 2; readonly ethernets: Readonly<Record<string, object>> };
	/** The site's own cloud-config or script: a second part, verbatim, applied after ours; lists are added to ours. */
	readonly userData?: string;
}

/** The files of a NoCloud seed, by name: they go onto a volume labelled CIDATA. */
export interface SeedFiles {
	readonly "meta-data": string;
	readonly "user-data": string;
	readonly "network-config"?: string;
}

/** How the site's part joins ours: a list is added to, a value that we have set already stays. */
const MERGE = "list(append)+dict(no_replace,recurse_list)+str()";

/** Renders a seed. Values are serialised, never pasted into text: no quote, newline or `{{` in them can change its meaning. */
export function renderSeed(spec: SeedSpec, templates: SeedTemplates): SeedFiles {
	const { instanceId, hostname, users, files = [], network, userData } = spec;
	const meta = { instance_id: instanceId, has_hostname: hostname !== undefined, hostname };
	const config = renderTemplate(templates["user-data"], { users: users.map(userOf), write_files: files.map(fileOf) });
	return {
		"meta-data": renderTemplate(templates["meta-data"], meta),
		"user-data": userData === undefined ? config : multipart([{ type: "text/cloud-config", text: config }, sitePart(userData)]),
		...(network === undefined ? {} : { "network-config": renderTemplate(templates["network-config"], network) }),
	};
}

/** cloud-init tells scripts and templates by their first line; anything else is cloud-config, whether it says so or not. */
function sitePart(text: string): MimePart {
	const isMarked = /^(#!|#cloud-config|## template:)/.test(text);
	return { type: isMarked ? "text/plain" : "text/cloud-config", text, headers: { "Merge-Type": MERGE } };
}

/** cloud-init's schema has no empty lists. */
function listed(key: string, items: readonly unknown[]): object {
	return items.length === 0 ? {} : { [key]: items };
}

function userOf({ name, uid, keys, sudo }: SeedUser): object {
	const common = { name, ...(uid === undefined ? {} : { uid }), lock_passwd: true, shell: "/bin/bash" };
	return { ...common, ...listed("ssh_authorized_keys", keys), ...(sudo ? { sudo: "ALL=(ALL) NOPASSWD:ALL" } : {}) };
}

function fileOf({ path, content, mode }: SeedFile): object {
	return { path, content, owner: "root:root", permissions: mode.toString(8).padStart(4, "0") };
}
