import { createReadStream, createWriteStream, readdirSync } from "node:fs";
import { appendFile, mkdtemp, readdir, rm, stat, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readCluster, readSecrets } from "../../cluster/describe/read.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { Reached } from "../../cluster/reach/types.ts";
import { PURPOSES, type Purpose } from "../../core/contract/purposes.ts";
import { run } from "../../core/process/run.ts";
import { ByteSearch, type Needle } from "./byte-search.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";
import { type Seen, watchCommandLines } from "./command-lines.ts";
import { secretBytes, secretsOfCluster, secretWord } from "./secret-values.ts";

/**
 * Every secret of a cluster that runs, looked for by its value wherever it could have got to. They may be in secrets.toml, in
 * seeds and in the machines' own disks, and nobody but their owner may read those.
 */

const dir = inject("cluster");
const image = inject("image");
const NAMES = (await readCluster(dir)).nodes.map(({ name }) => name);

let reached: Reached;
let needles: Needle[];
let search: ByteSearch;
let room: string;

/** Where secrets belong, below the cluster's folder. */
const OURS = [/^secrets\.toml$/, /^\.clusteros\/admin\.key$/, /^\.clusteros\/[a-z][a-z0-9-]*\/(seed\.img|root\.qcow2)$/];
/** Where secrets belong on a node. */
const THEIRS = [
	"/etc/clusteros/secrets.json",
	"/etc/clusteros/serf.json",
	"/etc/clusteros/serf.keyring",
	"/etc/munge/munge.key",
	"/var/lib/clusteros/identity.key",
	"/var/lib/clusteros/seed/secrets.json",
	"/var/lib/clusteros/wireguard.key",
	"/run/clusteros/wg0.conf",
	// Where there is k3s: what we give it, and what its server makes of that.
	"/etc/rancher/k3s/agent-token",
	"/etc/rancher/k3s/token",
];
const THEIR_SERVERS = /^\/var\/lib\/rancher\/k3s\/server\/(agent-token|cred\/passwd|token|tls\/server-ca\.key)$/;

const root = async (node: string, argv: readonly string[], input?: string | Uint8Array) =>
	(await reached.link(node).run(argv, { as: "root", input, timeout: 120_000 * reached.slow, ok: "any" })).stdout;

beforeAll(async () => {
	room = await mkdtemp(join(tmpdir(), "clusteros-secrets-"));
	reached = await openReach(dir);
	const secrets = await readSecrets(dir);
	// A rotation comes, and its keys are looked for from the beginning.
	const purposes = Object.keys(PURPOSES) as Purpose[];
	const next = Object.fromEntries(purposes.map((purpose) => [purpose, secrets.generation[purpose] + 1]));
	needles = secretsOfCluster({ ...secrets, generation: next as Record<Purpose, number> }, reached.cluster.id);
	for (const { name } of reached.nodes) needles.push(...(await secretsOfNode(name)));
	search = new ByteSearch(needles);
});
afterAll(async () => {
	await reached?.close();
	await rm(room, { recursive: true, force: true });
});

/** What is made on the node: its identity, its WireGuard key, and the key for Serf's RPC. */
async function secretsOfNode(node: string): Promise<Needle[]> {
	const [wireguard, identity, serf] = await Promise.all([
		root(node, ["cat", "/var/lib/clusteros/wireguard.key"]),
		root(node, ["cat", "/var/lib/clusteros/identity.key"]),
		root(node, ["cat", "/etc/clusteros/serf.json"]),
	]);
	const der = Buffer.from(
		identity
			.split("\n")
			.filter((line) => !line.startsWith("-----"))
			.join(""),
		"base64",
	);
	return [
		...secretBytes(`WireGuard key of ${node}`, Buffer.from(wireguard, "base64")),
		...secretBytes(`identity of ${node}`, der.subarray(-32)),
		...secretWord(`RPC key of ${node}`, JSON.parse(serf).rpc_auth),
	];
}

/** Below the cluster's folder: every file with a secret in it, and what. Sockets have no bytes. */
async function secretsHere(): Promise<Map<string, string[]>> {
	const all = await readdir(dir, { recursive: true, withFileTypes: true });
	const found = new Map<string, string[]>();
	for (const entry of all.filter((one) => one.isFile())) {
		const path = join(entry.parentPath, entry.name);
		const labels = [...(await search.inFile(path))];
		if (labels.length > 0) found.set(path.slice(dir.length + 1), labels);
	}
	return found;
}

/** Text of every secret for `grep -F`, one a line; raw bytes as far as a line can hold them. */
function patterns(): Buffer {
	const lines = needles.map(({ bytes }) => bytes).filter((bytes) => !bytes.includes(0) && !bytes.includes(10));
	return Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")]));
}

/** Files of a node with a secret in them, with their modes and owners: `/etc/munge/munge.key 400 munge`. */
async function secretsOn(node: string): Promise<string[]> {
	const script = `cd /; for each in etc home root run srv tmp usr/local var; do
	LC_ALL=C grep --recursive --files-with-matches --text --fixed-strings --devices=skip --null --file="$1" "$each" 2>/dev/null
done | xargs --null --no-run-if-empty stat --format='/%n %a %U'`;
	// Through a file: each of several greps has to read them.
	const file = `/dev/shm/patterns-${process.pid}`;
	await root(node, ["sh", "-c", 'umask 077; cat >"$1"', "sh", file], patterns());
	try {
		return (await root(node, ["sh", "-c", script, "sh", file])).trim().split("\n").filter(Boolean).toSorted();
	} finally {
		await root(node, ["rm", "-f", file]);
	}
}

describe("what was made before there was a cluster", () => {
	it("holds none of its secrets: image, kernel, initrd, manifest", async () => {
		const raw = join(room, "image.raw");
		await run(["qemu-img", "convert", "-O", "raw", image, raw], { doing: "unpacking the image" });
		expect([...(await search.inFile(raw))]).toEqual([]);
		await rm(raw);
		const name = basename(image, ".qcow2");
		const beside = readdirSync(dirname(image)).filter((file) => file.startsWith(name));
		expect(beside.length).toBeGreaterThan(3);
		for (const file of beside)
			expect({ file, found: [...(await search.inFile(join(dirname(image), file)))] }).toEqual({ file, found: [] });
	});
});

describe("command lines, while keys are changed and the cluster is tested", () => {
	let seen: Seen;

	beforeAll(async () => {
		seen = await watchCommandLines(reached, search, async () => {
			await mustClusteros("rotate", dir);
			await clusteros("test", dir, "--no-reboot", "--group", "auth,config,identity,slurm");
			await mustClusteros("logs", dir, "n1", "-n", "5");
			await mustClusteros("bundle", dir, "--out", join(room, "bundle.tar.gz"));
		});
	});

	it("show none of them", () => {
		expect([...seen.found]).toEqual([]);
		expect([...seen.looks.keys()].toSorted()).toEqual([...NAMES, "this machine"].toSorted());
		for (const looks of seen.looks.values()) expect(looks).toBeGreaterThan(10);
	});

	it("would be seen: one that is put there is", async () => {
		const planted = needles.find(({ label }) => label === "master")!.bytes;
		const text = needles.filter(({ label }) => label === "master").map(({ bytes }) => bytes.toString("latin1"));
		const word = text.find((one) => /^[0-9a-f]+$/.test(one))!;
		expect(planted.length).toBeGreaterThan(0);
		const { found } = await watchCommandLines(reached, search, async () => {
			await run(["sh", "-c", "sleep 0.5", word], { doing: "showing a secret" });
			await reached.link("n1").run(["sh", "-c", "sleep 3", word], {});
		});
		expect(found).toContain("this machine: master");
		expect(found).toContain("n1: master");
	});
});

describe("the cluster's folder", () => {
	it("holds them in secrets.toml, seeds and disks alone, all of them for their owner only", async () => {
		const found = await secretsHere();
		const elsewhere = [...found].filter(([path]) => !OURS.some((ours) => ours.test(path)));
		expect(elsewhere).toEqual([]);
		const machines = reached.nodes.flatMap(({ name }) => [`.clusteros/${name}/root.qcow2`, `.clusteros/${name}/seed.img`]);
		expect([...found.keys()].toSorted()).toEqual([".clusteros/admin.key", ...machines, "secrets.toml"].toSorted());
		for (const path of found.keys()) expect({ path, mode: await modeOf(join(dir, path)) }).toEqual({ path, mode: "600" });
		const folders = [".clusteros", ...reached.nodes.map(({ name }) => join(".clusteros", name))];
		for (const path of folders) expect({ path, mode: await modeOf(join(dir, path)) }).toEqual({ path, mode: "700" });
	});

	it("would show one that is put into a log", async () => {
		const log = join(dir, ".clusteros/switch.log");
		const { size } = await stat(log);
		const { bytes } = needles.find(({ label }) => label === "serf 1")!;
		await appendFile(log, bytes);
		try {
			expect((await secretsHere()).get(".clusteros/switch.log")).toEqual(["serf 1"]);
		} finally {
			await truncate(log, size);
		}
	});

	it("has left no seed behind on its way to the disks", async () => {
		const left = readdirSync(tmpdir()).filter((name) => name.startsWith("clusteros-seed-"));
		for (const name of left) {
			const files = await readdir(join(tmpdir(), name)).catch(() => []);
			for (const file of files) expect([...(await search.inFile(join(tmpdir(), name, file)).catch(() => []))]).toEqual([]);
		}
	});
});

describe("a bundle", () => {
	it("holds none of them", async () => {
		const tar = join(room, "bundle.tar");
		await pipeline(createReadStream(join(room, "bundle.tar.gz")), createGunzip(), createWriteStream(tar));
		expect((await stat(tar)).size).toBeGreaterThan(1_000_000);
		expect([...(await search.inFile(tar))]).toEqual([]);
	});
});

describe.each(NAMES)("%s", (node) => {
	it("keeps them in files that root alone can read", async () => {
		const found = await secretsOn(node);
		const paths = found.map((line) => line.split(" ")[0]!);
		expect(paths.filter((path) => !THEIRS.includes(path) && !THEIR_SERVERS.test(path))).toEqual([]);
		expect(paths).toEqual(expect.arrayContaining(["/etc/clusteros/secrets.json", "/etc/munge/munge.key"]));
		expect(found.filter((line) => !/ (600 root|400 munge|600 munge)$/.test(line))).toEqual([]);
	});

	it("writes none of them into its journal", async () => {
		const journal = await root(node, ["journalctl", "--boot", "--no-pager", "--output=export"]);
		expect(journal).toContain("clusteros-agent");
		expect([...search.in(Buffer.from(journal))]).toEqual([]);
	});
});

describe("a node's files", () => {
	it("would show one that is put into a log there", async () => {
		const text = needles.find(({ label, bytes }) => label === "munge 1" && /^[0-9a-f]+$/.test(bytes.toString("latin1")))!.bytes;
		await root("n1", ["tee", "/var/log/planted.log"], text);
		try {
			expect(await secretsOn("n1")).toContain("/var/log/planted.log 644 root");
		} finally {
			await root("n1", ["rm", "/var/log/planted.log"]);
		}
	});
});

async function modeOf(path: string): Promise<string> {
	return ((await stat(path)).mode & 0o777).toString(8);
}
