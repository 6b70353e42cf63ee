import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { UserError } from "../../core/errors.ts";
import { writePrivate } from "../../core/private-file.ts";
import { quote } from "../../core/process/quote.ts";
import { shownPath } from "../../core/toml/toml-document.ts";
import { clusterText, type NewCluster } from "./draft-text.ts";
import { newK3sSecrets } from "./k3s-secrets.ts";
import { newSshKey } from "./new-ssh-key.ts";
import { describeText, readCluster, readSecrets } from "./read.ts";
import { controllersWithoutIdentity, newIdentity, renderSecrets, secretsPath, writeSecrets } from "./secrets.ts";
import type { Described } from "./types.ts";

/** Random bytes; passed in, so that tests know them. */
export type Random = (bytes: number) => Uint8Array;

const IGNORED = ["/secrets.toml", "/.clusteros/", "/seed*/", "/*.iso", "/*.img"];
const IGNORE_HEAD = "# Secrets, seeds (which hold keys) and what machines leave: never into version control.";

/**
 * Makes the folder of a new cluster: cluster.toml, secrets.toml (0600) and .gitignore, all or nothing.
 * @throws UserError when one is described there already, or the new one could not be right.
 */
export async function createCluster(
	dir: string,
	wanted: NewCluster,
	random: Random,
	cwd = process.cwd(),
	now = new Date(),
): Promise<Described> {
	refuseExisting(dir, cwd);
	const text = clusterText(wanted);
	const described = checked(text, dir, cwd);
	const made: string[] = [];
	const add = async (file: string, write: (path: string) => Promise<void>) => {
		const path = join(dir, file);
		const isNew = !existsSync(path);
		await write(path);
		if (isNew) made.push(path);
	};
	await mkdir(dir, { recursive: true });
	try {
		// Before there is a secret to be ignored.
		await add(".gitignore", writeIgnored);
		await add("secrets.toml", async (path) => writePrivate(path, renderSecrets(await newSecrets(described, random, now))));
		await add("cluster.toml", (path) => writeFile(path, text, { flag: "wx" }));
	} catch (error) {
		await Promise.all(made.map((path) => rm(path, { force: true })));
		throw error;
	}
	return described;
}

/** What {@link repairSecrets} has added. */
export interface Repaired {
	/** Controllers that have an identity now. */
	readonly identities: readonly string[];
	/** Tokens and authority of k3s, for a cluster that is older than they are. */
	readonly k3s: boolean;
}

/** Gives controllers that have come into cluster.toml since their identity, and k3s its secrets; what is there stays as it is. */
export async function repairSecrets(dir: string, random: Random, cwd = process.cwd(), now = new Date()): Promise<Repaired> {
	const described = await readCluster(dir, cwd);
	const secrets = await readSecrets(dir, cwd);
	const missing = controllersWithoutIdentity(described, secrets);
	const repaired = { identities: missing, k3s: secrets.k3s === undefined };
	if (missing.length === 0 && !repaired.k3s) return repaired;
	const controller = [...secrets.controller, ...missing.map((name) => ({ name, identity: newIdentity() }))];
	await writeSecrets(described.dir, { ...secrets, k3s: secrets.k3s ?? (await newK3sSecrets(random, now)), controller });
	return repaired;
}

async function newSecrets({ cluster, controllers }: Described, random: Random, now: Date): Promise<SecretsFile> {
	return {
		version: 1,
		master: Buffer.from(random(32)).toString("base64"),
		generation: { serf: 1, munge: 1, announce: 1, dbd: 1 },
		admin_ssh_key: newSshKey(random(32), `admin@${cluster.name}`),
		k3s: await newK3sSecrets(random, now),
		controller: controllers.map((name) => ({ name, identity: newIdentity() })),
	};
}

function refuseExisting(dir: string, cwd: string): void {
	const there = [join(dir, "cluster.toml"), secretsPath(dir)].filter((path) => existsSync(path));
	if (there.length === 0) return;
	const fix = `change cluster.toml by hand (clusteros init ${quote(shownPath(dir, cwd))} --repair adds keys for new controllers), or choose another folder`;
	throw new UserError(
		"usage",
		there.map((path) => ({ message: `${shownPath(path, cwd)} is there already`, fix })),
	);
}

/** What is wrong with a description that is not written yet has no place in a file. */
function checked(text: string, dir: string, cwd: string): Described {
	try {
		return describeText(text, dir, cwd);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(
			"usage",
			error.problems.map(({ message, fix }) => ({ message, fix })),
		);
	}
}

async function writeIgnored(path: string): Promise<void> {
	const before = existsSync(path) ? await readFile(path, "utf8") : "";
	const lines = before.split("\n");
	const missing = IGNORED.filter((line) => !lines.includes(line));
	if (missing.length === 0) return;
	const start = before === "" || before.endsWith("\n") ? before : `${before}\n`;
	await writeFile(path, `${start}${[IGNORE_HEAD, ...missing].join("\n")}\n`);
}
