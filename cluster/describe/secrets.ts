import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join, resolve } from "node:path";
import TOML from "@iarna/toml";
import { type SecretsFile, secretsFile } from "../../core/contract/secrets.ts";
import type { SeedCluster } from "../../core/contract/seed.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import { identityKeyOf, rawPublicKey } from "../../core/node/keys.ts";
import { writePrivate } from "../../core/private-file.ts";
import { quote } from "../../core/process/quote.ts";
import { mustCheck } from "../../core/toml/check-document.ts";
import { readToml, shownPath } from "../../core/toml/toml-document.ts";
import { publicHalfOf } from "./ssh-keys.ts";
import type { Described } from "./types.ts";

/** Where a cluster's secrets are. */
export function secretsPath(dir: string): string {
	return join(dir, "secrets.toml");
}

/**
 * Reads `DIR/secrets.toml`. Nothing of what it holds gets into an error.
 * @throws UserError when it is missing, not a file of ours alone (0600), or not what it should be.
 */
export async function readSecrets(dir: string, cwd: string = process.cwd()): Promise<SecretsFile> {
	const file = secretsPath(resolve(cwd, dir));
	const shown = shownPath(file, cwd);
	await mustBePrivate(file, shown);
	const secrets = await withoutContent(shown, async () => mustCheck(await readToml(file, cwd), secretsFile));
	const problems = contentProblems(secrets).map((message) => ({ message, where: { file: shown }, fix: RESTORE }));
	if (problems.length > 0) throw new UserError("invalid", problems);
	return secrets;
}

const RESTORE = "bring the file back from a backup: nodes that run know its keys";

/** Replaces `DIR/secrets.toml` so that a power cut leaves the old one or the new one. 0600. */
export async function writeSecrets(dir: string, secrets: SecretsFile): Promise<void> {
	await writePrivate(secretsPath(dir), renderSecrets(secrets));
}

/** secrets.toml's text. */
export function renderSecrets(secrets: SecretsFile): string {
	const head = [
		"# The secrets of a ClusterOS cluster. Whoever has this file owns every node: keep it where it is, 0600, and back it up.",
		"# Nodes never see `master`: what they get is derived from it, by generation. `clusteros rotate` counts these up.",
	];
	return `${head.join("\n")}\n${TOML.stringify(secrets as unknown as TOML.JsonMap)}`;
}

/** A new controller's identity: an Ed25519 private key, PKCS #8 in base64. */
export function newIdentity(): string {
	const { privateKey } = generateKeyPairSync("ed25519");
	return privateKey.export({ format: "der", type: "pkcs8" }).toString("base64");
}

/** Names of controllers that have no identity in the secrets yet. */
export function controllersWithoutIdentity(described: Pick<Described, "controllers">, secrets: SecretsFile): string[] {
	return described.controllers.filter((name) => !secrets.controller.some((one) => one.name === name));
}

/**
 * The controllers and their public keys in the order of cluster.toml: what every seed says of them.
 * @throws UserError naming those that have no identity in secrets.toml.
 */
export function controllerKeys(described: Described, secrets: SecretsFile): SeedCluster["controllers"] {
	const missing = controllersWithoutIdentity(described, secrets);
	if (missing.length > 0)
		throw new UserError(
			"invalid",
			missing.map((name) => noIdentity(name, described)),
		);
	return described.controllers.map((name) => ({
		name,
		key: rawPublicKey(identityKeyOf(identityOf(name, secrets)!)).toString("base64"),
	}));
}

/** A controller's own identity; undefined for every other name. */
export function identityOf(name: string, secrets: SecretsFile): string | undefined {
	return secrets.controller.find((one) => one.name === name)?.identity;
}

function noIdentity(name: string, { dir, file }: Described): Problem {
	const message = `${name} is a controller, and secrets.toml holds no identity for it`;
	return { message, where: { file }, fix: `make one: clusteros init ${quote(dir)} --repair` };
}

async function mustBePrivate(file: string, shown: string): Promise<void> {
	const stat = await lstat(file).catch((error: NodeJS.ErrnoException) => {
		if (error.code !== "ENOENT") throw error;
		const fix = "bring it back from a backup; without it the cluster cannot be administered";
		throw new UserError("invalid", { message: `${shown} is not there`, fix });
	});
	if (!stat.isFile()) throw new UserError("invalid", { message: `${shown} is not a plain file`, fix: "make it one, 0600" });
	const { uid, mode } = stat;
	if ((mode & 0o077) !== 0) {
		const message = `others may read ${shown} (mode ${(mode & 0o777).toString(8).padStart(4, "0")}), and it holds the cluster's secrets`;
		throw new UserError("invalid", { message, fix: `chmod 600 ${quote(shown)}` });
	}
	const own = process.getuid?.();
	if (own === undefined || own === 0 || uid === own) return;
	throw new UserError("invalid", { message: `${shown} belongs to another user`, fix: `chown ${own} ${quote(shown)}` });
}

/** What reading throws, without the words that quote what stands in the file. */
async function withoutContent<T>(shown: string, read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(
			error.kind,
			error.problems.map((problem) => redacted(problem, shown)),
		);
	}
}

function redacted({ message, where, path }: Problem, shown: string): Problem {
	const place = { where: where ?? { file: shown }, path };
	if (message.startsWith("this is not TOML")) return { ...place, message: "this is not TOML" };
	const bare = message.replace(/, got [\s\S]*$/, "");
	// A key, too, can be a secret that has lost its place.
	const isKnown = /^("\w+" is missing|expected |unknown key "[a-z_]{1,16}"|cannot read|the file is not UTF-8)/.test(bare);
	return { ...place, message: isKnown ? bare : "this does not belong here" };
}

function contentProblems({ admin_ssh_key, controller, k3s }: SecretsFile): string[] {
	const key = publicHalfOf(admin_ssh_key, "") === undefined ? ["admin_ssh_key is no private key in OpenSSH's format"] : [];
	const bad = controller
		.filter(({ identity }) => !isIdentity(identity))
		.map(({ name }) => `the identity of ${name} is no Ed25519 key`);
	return [
		...key,
		...bad,
		...(k3s === undefined || isAuthority(k3s) ? [] : ["k3s' ca_cert and ca_key are no authority and its key"]),
	];
}

function isAuthority({ ca_cert, ca_key }: NonNullable<SecretsFile["k3s"]>): boolean {
	try {
		const certificate = new X509Certificate(ca_cert);
		return certificate.ca && certificate.checkPrivateKey(createPrivateKey(ca_key));
	} catch {
		return false;
	}
}

function isIdentity(identity: string): boolean {
	try {
		return identityKeyOf(identity).asymmetricKeyType === "ed25519";
	} catch {
		return false;
	}
}
