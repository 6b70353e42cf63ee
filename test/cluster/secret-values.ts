import { createPrivateKey } from "node:crypto";
import { PURPOSES, type Purpose } from "../../core/contract/purposes.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { deriveKey } from "../../core/node/derive.ts";
import type { Needle } from "./byte-search.ts";

/** A cluster's secrets by value, in the forms in which they could be found where they do not belong. */

/** Long enough to be nobody else's by chance, short enough to be found in what was cut. */
const PIECE = 24;

/** All that `secrets.toml` holds or that is derived from it, in every generation up to the current one. */
export function secretsOfCluster(secrets: SecretsFile, clusterId: string): Needle[] {
	const master = Buffer.from(secrets.master, "base64");
	const derived = (Object.keys(PURPOSES) as Purpose[]).flatMap((purpose) =>
		Array.from({ length: secrets.generation[purpose] }, (_, i) =>
			secretBytes(`${purpose} ${i + 1}`, deriveKey(master, clusterId, purpose, i + 1)),
		),
	);
	const identities = secrets.controller.map(({ name, identity }) =>
		// PKCS #8 of Ed25519 ends with the 32 bytes that matter.
		secretBytes(`identity of ${name}`, Buffer.from(identity, "base64").subarray(-32)),
	);
	const ofK3s = secrets.k3s ? k3sSecrets(secrets.k3s) : [];
	return [...secretBytes("master", master), ...derived.flat(), ...identities.flat(), ...sshKey(secrets.admin_ssh_key), ...ofK3s];
}

/** Tokens are words wherever they stand; an authority's key is 32 bytes, and in a PEM the two lines that hold them. */
function k3sSecrets({ server_token, agent_token, ca_key }: NonNullable<SecretsFile["k3s"]>): Needle[] {
	const label = "key of k3s' authority";
	const bytes = Buffer.from(createPrivateKey(ca_key).export({ format: "jwk" }).d!, "base64url");
	const lines = ca_key.split("\n").filter((line) => !line.startsWith("-----"));
	return [
		...secretWord("k3s' server token", server_token),
		...secretWord("k3s' agent token", agent_token),
		...secretBytes(label, bytes),
		...lines.slice(0, 2).map((line) => ({ label, bytes: Buffer.from(line) })),
	];
}

/** Bytes as they are, in hex and in base64, also as a part of something longer: the first piece of each and the last. */
export function secretBytes(label: string, bytes: Buffer): Needle[] {
	const pieces = [bytes.subarray(0, PIECE), bytes.subarray(-PIECE)];
	const forms = pieces.flatMap((piece) => {
		const hex = piece.toString("hex");
		const texts = [hex, hex.toUpperCase(), ...[0, 1, 2].flatMap((offset) => base64Within(piece, offset))];
		return [piece, ...texts.map((text) => Buffer.from(text, "latin1"))];
	});
	const unique = new Map(forms.map((form) => [form.toString("latin1"), form]));
	return [...unique.values()].map((form) => ({ label, bytes: form }));
}

/** A word that is a secret as it stands. */
export function secretWord(label: string, word: string): Needle[] {
	return [{ label, bytes: Buffer.from(word) }, ...secretBytes(label, Buffer.from(word))];
}

/** The characters that these bytes have in base64 wherever they stand in something longer: `offset` bytes (mod 3) come before. */
function base64Within(bytes: Buffer, offset: number): string[] {
	const text = Buffer.concat([Buffer.alloc(offset), bytes])
		.toString("base64")
		.replaceAll("=", "");
	const own = text.slice(Math.ceil((offset * 8) / 6), (offset + bytes.length) % 3 === 0 ? undefined : -1);
	return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
}

/** Of an OpenSSH private key: the 32 bytes of its seed, and the parts of the file's lines that hold them. */
function sshKey(text: string): Needle[] {
	const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
	const base64 = lines.join("");
	const blob = Buffer.from(base64, "base64");
	const type = Buffer.from("\0\0\0\x0bssh-ed25519\0\0\0\x20", "latin1");
	// The type, the public half (32 bytes), the length of the private half (4 bytes), and that half: seed, then public key.
	const at = blob.lastIndexOf(type) + type.length + 32 + 4;
	const [from, to] = [Math.ceil((at * 8) / 6), Math.floor(((at + 32) * 8) / 6)];
	let start = 0;
	const parts = lines.flatMap((line) => {
		const part = line.slice(Math.max(0, from - start), Math.max(0, to - start));
		start += line.length;
		return part.length >= 12 ? [{ label: "admin ssh key", bytes: Buffer.from(part) }] : [];
	});
	return [...secretBytes("admin ssh key", blob.subarray(at, at + 32)), ...parts];
}
