import { readFile } from "node:fs/promises";
import { run } from "../process/run.ts";

export interface KeyPair {
	/** File of the private key, 0600. */
	readonly identity: string;
	/** The public key as a line of authorized_keys. */
	readonly publicKey: string;
}

/** Makes an Ed25519 key pair at `identity` and `identity.pub`, without a passphrase. */
export async function createKey(identity: string, comment: string): Promise<KeyPair> {
	const command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", identity];
	await run(command, { doing: "making an ssh key" });
	return { identity, publicKey: (await readFile(`${identity}.pub`, "utf8")).trim() };
}
