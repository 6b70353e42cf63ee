import { renderSeed, type SeedFile } from "../../cloud-init/seed.ts";
import type { SeedFiles } from "../../qemu/seed-disk.ts";
import { TEMPLATES } from "../cloud-init/templates.ts";

export const HOST_NAME = "n1";
export const USER = "clusteros";
/** A file as the cluster's secrets will be: for root alone. */
export const SECRET: SeedFile = { path: "/etc/clusteros/secrets.json", content: '{"a": "b"}\n', mode: 0o600 };

/** The seed of the machine under test: a host name, a user who gets in by key, a file. */
export function seedFor(publicKey: string): SeedFiles {
	const users = [{ name: USER, keys: [publicKey], sudo: true }];
	return { ...renderSeed({ instanceId: `boot-tier-${HOST_NAME}`, hostname: HOST_NAME, users, files: [SECRET] }, TEMPLATES) };
}
