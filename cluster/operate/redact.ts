import { PURPOSES, type Purpose } from "../../core/contract/purposes.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { deriveKey } from "../../core/node/derive.ts";

/** A secret value in one of the forms that it may be printed in. */
interface Form {
	readonly text: string;
	readonly label: string;
}

/** Takes the secrets of a cluster out of a text. */
export type Redact = (text: string) => string;

/** What looks like a secret of anybody: made on a node, so that its value is not known here. */
const PATTERNS: readonly (readonly [RegExp, string])[] = [
	[/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, "[redacted: private key]"],
	[
		/((?:private|preshared|auth|encrypt|rpc_auth|secret)[ _-]?key["']?\s*[:=]\s*["']?)(?!\(hidden\)|\[redacted|\/)[^\s"',}]+/gi,
		"$1[redacted]",
	],
	[
		/((?:pass(?:word|wd|phrase)?|storagepass|token|rpc_auth|secret)["']?\s*[:=]\s*["']?)(?!\[redacted|\/)[^\s"',}]{6,}/gi,
		"$1[redacted]",
	],
	// k3s' tokens, whoever's: the authority's hash is no secret, what stands behind it is.
	[/(K10[0-9a-f]{64}::)(?!(?:server:|node:)?\[redacted)[^\s"',}]+/g, "$1[redacted]"],
	[/(client-key-data["']?\s*[:=]\s*["']?)(?!\[redacted)[A-Za-z0-9+/]+=*/g, "$1[redacted]"],
	// PEM in base64, as Kubernetes shows it: PRIVATE KEY begins at any of three places in a group.
	[
		/LS0tLS1CRUdJTi[A-Za-z0-9+/]{0,40}(?:UFJJVkFURSBLRV|QUklWQVRFIEtFW|BSSVZBVEUgS0VZ)[A-Za-z0-9+/]*=*/g,
		"[redacted: private key]",
	],
	[/\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/g, "[redacted: token]"],
	// user:password in base64, in registries.yaml and docker's config.json.
	[/(\b(?:auth|identity_?token)["']?[ \t]*[:=][ \t]*["']?)(?=[^\s"',}]*[A-Z0-9=])[A-Za-z0-9+/_-]{8,}={0,2}/g, "$1[redacted]"],
	[/(\$(?:y|6|5|2[aby])\$)[./A-Za-z0-9$]{20,}/g, "$1[redacted]"],
];

/**
 * A function that replaces every secret of this cluster by its name: the master, all keys derived from it up to the
 * generation after the current one, controllers' identities, ssh key and tokens, as text, hex and base64, also where they are
 * a part of something longer; and besides whatever has the look of a secret.
 */
export function redactor(secrets: SecretsFile, clusterId: string): Redact {
	const forms = formsOf(secrets, clusterId).sort((a, b) => b.text.length - a.text.length);
	return (text) => {
		const byValue = forms.reduce((now, { text: secret, label }) => now.replaceAll(secret, `[redacted: ${label}]`), text);
		return PATTERNS.reduce((now, [pattern, put]) => now.replace(pattern, put), byValue);
	};
}

function formsOf(secrets: SecretsFile, clusterId: string): Form[] {
	const master = Buffer.from(secrets.master, "base64");
	const forms = binary(master, "master");
	for (const purpose of Object.keys(PURPOSES) as Purpose[])
		for (let generation = 1; generation <= secrets.generation[purpose] + 1; generation++)
			forms.push(...binary(deriveKey(master, clusterId, purpose, generation), `${purpose} key ${generation}`));
	for (const { name, identity } of secrets.controller) {
		const der = Buffer.from(identity, "base64");
		// PKCS #8 of Ed25519 ends with the 32 bytes that matter.
		forms.push(...binary(der, `identity of ${name}`), ...binary(der.subarray(-32), `identity of ${name}`));
	}
	forms.push(...lines(secrets.admin_ssh_key, "admin ssh key"));
	const { k3s } = secrets;
	if (k3s) {
		forms.push(...word(k3s.server_token, "k3s server token"), ...word(k3s.agent_token, "k3s agent token"));
		forms.push(...lines(k3s.ca_key, "k3s CA key"));
	}
	return forms.filter(({ text }) => text.length >= LEAST);
}

/** Shorter pieces would be found in what is no secret. */
const LEAST = 16;
/** Line lengths at which programs fold base64: PEM and ssh's key files, base64(1). */
const FOLDS = [64, 70, 76];

function binary(bytes: Uint8Array, label: string): Form[] {
	const hex = Buffer.from(bytes).toString("hex");
	const padded = Buffer.from(bytes).toString("base64");
	const plain = padded.replaceAll("=", "");
	const folded = FOLDS.flatMap((width) => (plain.length > width ? (plain.match(new RegExp(`.{1,${width}}`, "g")) ?? []) : []));
	const base64 = [padded, plain, ...[0, 1, 2].map((offset) => base64Within(bytes, offset)), ...folded];
	const texts = [...base64, ...base64.map(urlSafe), hex, hex.toUpperCase()];
	return [...new Set(texts)].map((text) => ({ text, label }));
}

/** The characters that these bytes always have in base64 when `offset` bytes (mod 3) of something else come before them. */
function base64Within(bytes: Uint8Array, offset: number): string {
	const text = Buffer.concat([Buffer.alloc(offset), bytes])
		.toString("base64")
		.replaceAll("=", "");
	const isWhole = (offset + bytes.length) % 3 === 0;
	return text.slice(Math.ceil((offset * 8) / 6), isWhole ? undefined : -1);
}

function urlSafe(base64: string): string {
	return base64.replaceAll("+", "-").replaceAll("/", "_");
}

function word(text: string, label: string): Form[] {
	return [{ text, label }, ...binary(Buffer.from(text), label)];
}

/** A key of several lines, whole and line by line; its first and last lines are no secret. */
function lines(text: string, label: string): Form[] {
	const secret = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("-----"));
	return [
		{ text: secret.join("\n"), label },
		...secret.map((line) => ({ text: line.trim(), label })),
		...binary(Buffer.from(text), label),
	];
}
