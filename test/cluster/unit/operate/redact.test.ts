import { randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newIdentity } from "../../../../cluster/describe/secrets.ts";
import { redactor } from "../../../../cluster/operate/redact.ts";
import type { SecretsFile } from "../../../../core/contract/secrets.ts";
import { deriveKey } from "../../../../core/node/derive.ts";

const id = randomUUID();
const master = randomBytes(32);
const pem = randomBytes(150)
	.toString("base64")
	.match(/.{1,70}/g)!;
const key = ["-----BEGIN OPENSSH PRIVATE KEY-----", ...pem, "-----END OPENSSH PRIVATE KEY-----"].join("\n");
const k3s = {
	server_token: randomBytes(20).toString("hex"),
	agent_token: randomBytes(20).toString("hex"),
	ca_key: key,
	ca_cert: "c",
};
const secrets: SecretsFile = {
	version: 1,
	master: master.toString("base64"),
	generation: { serf: 3, munge: 1, announce: 1, dbd: 1 },
	admin_ssh_key: key,
	k3s,
	controller: [{ name: "c1", identity: newIdentity() }],
};
const redact = redactor(secrets, id);
const derived = (purpose: "serf" | "munge" | "announce" | "dbd", generation: number) =>
	deriveKey(master, id, purpose, generation);

describe("redactor", () => {
	it.each([
		["the master", secrets.master],
		["the master in hex", master.toString("hex")],
		["a key of long ago", derived("serf", 1).toString("base64")],
		["the key in use", derived("serf", 3).toString("base64url")],
		["the key that a rotation would bring", derived("serf", 4).toString("hex").toUpperCase()],
		["a long key", derived("munge", 1).toString("base64")],
		["the database's password", derived("dbd", 1).toString("hex")],
		["a controller's identity", secrets.controller[0]!.identity],
		["the part of it that matters", Buffer.from(secrets.controller[0]!.identity, "base64").subarray(-32).toString("base64")],
		["a token", k3s.agent_token],
		["a token in base64, as Kubernetes shows it", Buffer.from(k3s.server_token).toString("base64")],
		["the full token that a server's seed holds", `K10${"ab".repeat(32)}::server:${k3s.server_token}`],
		["one line of k3s' authority's key", pem[0]!],
		["one line of the ssh key", pem[1]!],
	])("takes out %s", (_, secret) => {
		const out = redact(`before ${secret} after`);
		expect(out).not.toContain(secret.slice(-22, -2));
		expect(out).toMatch(/^before (K10[0-9a-f]{64}::(server:)?)?\[redacted(: .*)?\] after$/);
	});

	it.each([0, 1, 2, 3])("finds a key inside of something that was encoded as a whole, %i bytes in", (offset) => {
		const secret = derived("announce", 1);
		const whole = Buffer.concat([Buffer.alloc(offset, "x"), secret, Buffer.from("tail")]).toString("base64");
		const inner = Buffer.concat([Buffer.alloc(offset % 3), secret])
			.toString("base64")
			.slice(6, 36);
		expect(whole).toContain(inner);
		expect(redact(whole)).not.toContain(inner);
	});

	it("finds a long key that was folded", () => {
		const folded = derived("munge", 1)
			.toString("base64")
			.match(/.{1,76}/g)!;
		expect(folded.length).toBeGreaterThan(3);
		for (const line of folded.slice(0, -1)) expect(redact(folded.join("\n"))).not.toContain(line);
	});

	it.each([
		["PrivateKey = aGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8gaGVsbG8=", "PrivateKey = [redacted]"],
		['{"rpc_auth": "a1b2c3d4e5", "name": "n1"}', '{"rpc_auth": "[redacted]", "name": "n1"}'],
		["StoragePass=hunter22", "StoragePass=[redacted]"],
		["  private key: (hidden)", "  private key: (hidden)"],
		["public key: abc=", "public key: abc="],
		["AuthAltParameters=jwt_key=/etc/slurm/jwt.key", "AuthAltParameters=jwt_key=/etc/slurm/jwt.key"],
		["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----\nrest", "[redacted: private key]\nrest"],
		["ada:$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317fhZg9SqC.5i5rd.RhAtQ7:1", "ada:$y$[redacted]:1"],
		[`K10${"0f".repeat(32)}::node:abc.def, next`, `K10${"0f".repeat(32)}::[redacted], next`],
		["    client-key-data: LS0tLS1CRUdJTg==", "    client-key-data: [redacted]"],
		["  auth: dXNlcjpwYXNzd29yZA==\n  tls:", "  auth: [redacted]\n  tls:"],
		['{"auth":"dXNlcjpwYXNz"}', '{"auth":"[redacted]"}'],
		["auth:\n  username: ada", "auth:\n  username: ada"],
		["AuthType=auth/munge", "AuthType=auth/munge"],
		["  password: hunter22", "  password: [redacted]"],
		["Authorization: Bearer eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrM3MifQ.c2lnbmF0dXJl", "Authorization: Bearer [redacted: token]"],
	])("knows the look of a secret: %s", (text, out) => expect(redact(text)).toBe(out));

	it.each(["PRIVATE KEY", "EC PRIVATE KEY", "RSA PRIVATE KEY"])("knows a %s that is PEM in base64", (kind) => {
		const text = Buffer.from(`-----BEGIN ${kind}-----\nabcdefgh\n-----END ${kind}-----\n`).toString("base64");
		expect(redact(`tls.key: ${text}\nrest`)).toBe("tls.key: [redacted: private key]\nrest");
		const certificate = Buffer.from("-----BEGIN CERTIFICATE-----\nabcdefgh\n").toString("base64");
		expect(redact(certificate)).toBe(certificate);
	});

	it("leaves the rest alone", () => {
		const text = `{"version":1,"id":"${id}","nodes":["c1"],"key":"${randomBytes(32).toString("base64")}"}\nn1 ready 10.90.0.2`;
		expect(redact(text)).toBe(text);
	});
});
