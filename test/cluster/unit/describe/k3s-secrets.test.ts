import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newAuthority } from "../../../../cluster/describe/k3s-authority.ts";
import { k3sSeedOf, newK3sSecrets } from "../../../../cluster/describe/k3s-secrets.ts";

const NOW = new Date("2026-11-22T10:00:00Z");
const SECRETS = { server_token: "s".repeat(64), agent_token: "a".repeat(64), ca_cert: "certificate\n", ca_key: "key\n" };
const HASH = createHash("sha256").update(SECRETS.ca_cert).digest("hex");
const manifests = [{ name: "web.yaml", content: "kind: List\n" }];

const seedOf = (controllers: readonly string[], ...names: string[]) =>
	k3sSeedOf(
		{ controllers, manifests },
		SECRETS,
		names.map((name) => ({ name })),
	);

describe("newAuthority", () => {
	it("signs for itself, is good for ten years and an authority, as k3s' own", async () => {
		const { cert, key } = await newAuthority(NOW);
		const certificate = new X509Certificate(cert);
		expect(certificate.subject).toBe(`CN=k3s-server-ca@${NOW.getTime() / 1000}`);
		expect(certificate.ca).toBe(true);
		expect(certificate.verify(certificate.publicKey)).toBe(true);
		expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
		expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: "prime256v1" });
		expect([certificate.validFrom, certificate.validTo].map((date) => new Date(date).getTime())).toEqual([
			Date.UTC(2026, 10, 21, 10),
			Date.UTC(2036, 10, 21, 10),
		]);
		expect(cert).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]*\n-----END CERTIFICATE-----\n$/);
	});
});

describe("newK3sSecrets", () => {
	it("has two tokens of 32 random bytes each, and another authority every time", async () => {
		let n = 0;
		const random = (bytes: number) => Buffer.alloc(bytes, ++n);
		const [one, other] = [await newK3sSecrets(random, NOW), await newK3sSecrets(random, NOW)];
		expect(one.server_token).toBe("01".repeat(32));
		expect(one.agent_token).toBe("02".repeat(32));
		expect(other.ca_key).not.toBe(one.ca_key);
	});
});

describe("k3sSeedOf", () => {
	it("gives a server what it needs, and its token by the authority's hash", () => {
		expect(seedOf(["c1"], "c1")).toEqual({
			server: true,
			token: `K10${HASH}::server:${SECRETS.server_token}`,
			agent_token: SECRETS.agent_token,
			ca_cert: SECRETS.ca_cert,
			ca_key: SECRETS.ca_key,
			manifests,
		});
	});

	it("gives an agent neither the server's token, nor the key, nor manifests", () => {
		expect(seedOf(["c1"], "n1")).toEqual({ server: false, token: `K10${HASH}::node:${SECRETS.agent_token}` });
	});

	it.each([
		[["c1", "c2"], ["c1"]],
		[
			["c1", "c2", "c3"],
			["c1", "c2", "c3"],
		],
		[
			["c1", "c2", "c3", "c4"],
			["c1", "c2", "c3"],
		],
	])("of the controllers %j the servers are %j", (controllers, servers) => {
		expect(controllers.filter((name) => seedOf(controllers, name).server)).toEqual(servers);
	});

	it("for the whole cluster is a server's", () => {
		expect(seedOf(["c1"], "c1", "n1").server).toBe(true);
	});
});
