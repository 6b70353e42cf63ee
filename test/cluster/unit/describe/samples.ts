import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { NewCluster } from "../../../../cluster/describe/draft-text.ts";
import { newSshKey } from "../../../../cluster/describe/new-ssh-key.ts";
import { describeText } from "../../../../cluster/describe/read.ts";
import type { SecretsFile } from "../../../../core/contract/secrets.ts";
import { type Problem, UserError } from "../../../../core/errors.ts";
import { keyNumber } from "../../../core/node/people.ts";

/** A whole public key. */
export const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIII+mQGtkyBXm/oUzSU2kZErpgstw8fmOUPuqe6Y5UOo ada@example";

export const ID = "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11";

/** What every description has to begin with. */
export const HEAD = `version = 1
name = "lab"
id = "${ID}"
[mesh]
network = "10.90.0.0/16"
`;

export const FIVE = `${HEAD}
[[node]]
name = "c1"
roles = ["controller", "worker"]
[[node]]
name = "n[1-4]"
roles = ["worker"]
`;

/** As `clusteros init` makes it. */
export const NEW: NewCluster = {
	name: "lab",
	id: ID,
	network: "10.90.0.0/16",
	nodes: [
		{ name: "c1", roles: ["controller", "worker"] },
		{ name: "n[1-2]", roles: ["worker"] },
	],
	user: { name: "ada", uid: 2000 },
	keys: [PUBLIC_KEY],
	partitions: [{ name: "main", nodes: "all" }],
};

/** Secrets that are the same on every run; c1 and c2 are controllers. */
export const SECRETS: SecretsFile = {
	version: 1,
	master: Buffer.alloc(32, 7).toString("base64"),
	generation: { serf: 3, munge: 1, announce: 2, dbd: 4 },
	admin_ssh_key: newSshKey(Buffer.alloc(32, 8), "admin@lab"),
	controller: [1, 2].map((n) => ({ name: `c${n}`, identity: identity(n) })),
};

function identity(n: number): string {
	return keyNumber(n).export({ format: "der", type: "pkcs8" }).toString("base64");
}

/** A description from its text, in a folder that is not looked at. */
export function described(text: string) {
	return describeText(text, "/nowhere/lab", "/nowhere");
}

/** An empty folder, gone when the test is. */
export async function emptyFolder(): Promise<string> {
	const dir = await realpath(await mkdtemp(join(tmpdir(), "describe-")));
	onTestFinished(() => rm(dir, { recursive: true, force: true }));
	return dir;
}

/** What a UserError has to say. */
export async function problemsOf(work: () => unknown): Promise<readonly Problem[]> {
	try {
		await work();
	} catch (error) {
		if (error instanceof UserError) return error.problems;
		throw error;
	}
	return [];
}

/** Problems as `line: message`. */
export async function lines(work: () => unknown): Promise<string[]> {
	return (await problemsOf(work)).map(({ where, message }) => `${where?.line ?? "-"}: ${message}`);
}
