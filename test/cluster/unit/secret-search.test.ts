import { createPrivateKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newK3sSecrets } from "../../../cluster/describe/k3s-secrets.ts";
import { deriveKey } from "../../../core/node/derive.ts";
import { createKey } from "../../../core/ssh/key.ts";
import { ByteSearch } from "../byte-search.ts";
import { secretBytes, secretsOfCluster, secretWord } from "../secret-values.ts";

/** What the tier's hunt for secrets is worth depends on this: each form of each secret is found. */

const ID = "6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11";
const master = randomBytes(32);
const identity = generateKeyPairSync("ed25519").privateKey.export({ format: "der", type: "pkcs8" });

let folder: string;
let search: ByteSearch;
let key: string;
let k3s: Awaited<ReturnType<typeof newK3sSecrets>>;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "clusteros-search-"));
	const { identity: file } = await createKey(join(folder, "id"), "admin");
	key = await readFile(file, "utf8");
	k3s = await newK3sSecrets(randomBytes, new Date());
	const secrets = {
		version: 1 as const,
		master: master.toString("base64"),
		generation: { serf: 1, munge: 2, announce: 1, dbd: 1 },
		admin_ssh_key: key,
		controller: [{ name: "c1", identity: identity.toString("base64") }],
		k3s,
	};
	search = new ByteSearch(secretsOfCluster(secrets, ID));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const within = (bytes: Buffer) => Buffer.concat([Buffer.from("words before "), bytes, Buffer.from(" and after")]);

describe("the search for secrets", () => {
	it.each(["hex", "base64", "base64url", "latin1"] as const)("finds what is written as %s", (encoding) => {
		const munge = deriveKey(master, ID, "munge", 2);
		for (const prefix of ["", "x", "xy"]) {
			const text = Buffer.from(Buffer.concat([Buffer.from(prefix), munge]).toString(encoding), "latin1");
			expect([...search.in(within(text))]).toEqual(["munge 2"]);
		}
	});

	it("finds the end of a key alone, and keys of generations that are over", () => {
		expect([...search.in(within(deriveKey(master, ID, "munge", 1).subarray(-32)))]).toEqual(["munge 1"]);
	});

	it("finds a controller's identity whether it stands by itself or in PKCS #8", () => {
		expect([...search.in(identity)]).toEqual(["identity of c1"]);
		expect([...search.in(Buffer.from(identity.toString("base64")))]).toEqual(["identity of c1"]);
	});

	it("finds the ssh key in its file, in one line and as bare bytes, and not its public half", async () => {
		const lines = key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
		for (const form of [key, lines.join(""), Buffer.from(lines.join(""), "base64")])
			expect([...search.in(Buffer.from(form))]).toEqual(["admin ssh key"]);
		expect([...search.in(await readFile(join(folder, "id.pub")))]).toEqual([]);
		const { identity: other } = await createKey(join(folder, "other"), "somebody else's");
		expect([...search.in(await readFile(other))]).toEqual([]);
	});

	it("finds k3s' tokens within a longer one and the key of its authority, in its file and bare, and not its certificate", () => {
		const { server_token, agent_token, ca_key, ca_cert } = k3s;
		expect([...search.in(Buffer.from(`token: K10${"0".repeat(64)}::server:${server_token}\n`))]).toEqual(["k3s' server token"]);
		expect([...search.in(Buffer.from(`K10::node:${agent_token}`))]).toEqual(["k3s' agent token"]);
		const bare = Buffer.from(createPrivateKey(ca_key).export({ format: "jwk" }).d!, "base64url");
		for (const form of [Buffer.from(ca_key), bare]) expect([...search.in(within(form))]).toEqual(["key of k3s' authority"]);
		expect([...search.in(Buffer.from(ca_cert))]).toEqual([]);
	});

	it("finds a word", () => {
		const words = new ByteSearch(secretWord("RPC key", "0123456789abcdefghijklmnopqrstuv"));
		expect([...words.in(within(Buffer.from("0123456789abcdefghijklmnopqrstuv")))]).toEqual(["RPC key"]);
	});

	it("finds what lies across two pieces of a large file, behind a hole, and nothing outside of a part", async () => {
		const file = join(folder, "disk");
		const at = 16 * 1024 * 1024 - 10;
		await writeFile(file, Buffer.concat([Buffer.alloc(at), master, Buffer.alloc(1000)]));
		const one = new ByteSearch(secretBytes("master", master));
		expect([...(await one.inFile(file))]).toEqual(["master"]);
		expect([...(await one.inFile(file, at, 32))]).toEqual(["master"]);
		expect([...(await one.inFile(file, 0, at + 8))]).toEqual([]);
		expect([...(await one.inFile(file, at + 16, 500))]).toEqual([]);
	});
});
