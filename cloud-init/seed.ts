import { asYaml } from "./yaml.ts";

/** A user made at first boot: login by key only. */
export interface SeedUser {
	readonly name: string;
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
	readonly hostname: string;
	readonly users: readonly SeedUser[];
	readonly files?: readonly SeedFile[];
	/** Network configuration, version 2 (`{ version: 2, ethernets: … }`); without it cloud-init asks DHCP on one NIC. */
	readonly network?: { readonly version: 2; readonly [key: string]: unknown };
}

/** The files of a NoCloud seed, by name: they go onto a volume labelled CIDATA. */
export interface SeedFiles {
	readonly "meta-data": string;
	readonly "user-data": string;
	readonly "network-config"?: string;
}

/** Renders a seed. Values are serialised, never pasted into text: no quote, newline or `{{` in them can change its meaning. */
export function renderSeed(spec: SeedSpec): SeedFiles {
	const config = { ...listed("users", spec.users.map(userOf)), ...listed("write_files", (spec.files ?? []).map(fileOf)) };
	return {
		"meta-data": asYaml({ "instance-id": spec.instanceId, "local-hostname": spec.hostname }),
		"user-data": `#cloud-config\n${asYaml(config)}`,
		...(spec.network === undefined ? {} : { "network-config": asYaml(spec.network) }),
	};
}

/** cloud-init's schema has no empty lists. */
function listed(key: string, items: readonly unknown[]): object {
	return items.length === 0 ? {} : { [key]: items };
}

function userOf({ name, keys, sudo }: SeedUser): object {
	const common = { name, lock_passwd: true, shell: "/bin/bash", ...listed("ssh_authorized_keys", keys) };
	return sudo ? { ...common, sudo: "ALL=(ALL) NOPASSWD:ALL" } : common;
}

function fileOf({ path, content, mode }: SeedFile): object {
	return { path, content, owner: "root:root", permissions: mode.toString(8).padStart(4, "0") };
}
