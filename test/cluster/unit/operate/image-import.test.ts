import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ImageFile, readImageFile } from "../../../../cluster/operate/image-file.ts";
import { importImages, type Place } from "../../../../cluster/operate/image-import.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";

type Entries = Readonly<Record<string, string | object>>;

/** A tar file's bytes; objects become JSON. */
async function tar(entries: Entries): Promise<Buffer> {
	const archive = pack();
	for (const [name, content] of Object.entries(entries))
		archive.entry({ name }, typeof content === "string" ? content : JSON.stringify(content));
	archive.finalize();
	const chunks: Buffer[] = [];
	for await (const chunk of archive) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}

const config = (architecture: string) => ({ architecture, os: "linux", rootfs: { type: "layers", diff_ids: [] } });
const docker = (tags: readonly string[] | null = ["app:1"], architecture = "amd64"): Entries => ({
	"layer.tar": "x".repeat(40_000),
	"c.json": config(architecture),
	"manifest.json": [{ Config: "c.json", RepoTags: tags, Layers: ["layer.tar"] }],
});
const named = (annotations: object) => ({ digest: "sha256:ab", mediaType: "m", annotations });
const oci: Entries = {
	"oci-layout": { imageLayoutVersion: "1.0.0" },
	"blobs/sha256/ab": config("arm64"),
	"index.json": {
		manifests: [
			named({ "io.containerd.image.name": "docker.io/library/app:1", "org.opencontainers.image.ref.name": "1" }),
			named({ "org.opencontainers.image.ref.name": "example.org/b:2" }),
			named({}),
		],
	},
};

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "images-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function kept(name: string, bytes: Buffer): Promise<string> {
	await writeFile(join(folder, name), bytes);
	return join(folder, name);
}

describe("a file of images", () => {
	it("is docker's archive: names, architecture and sizes", async () => {
		const bytes = await tar(docker(["app:1", "app:latest"]));
		const path = await kept("my app.tar", bytes);
		expect(await readImageFile(path)).toEqual({
			path,
			name: "import-my_app.tar",
			size: bytes.length,
			unpacked: bytes.length,
			images: ["app:1", "app:latest"],
			architectures: ["amd64"],
		});
	});

	it("may be compressed, whatever its name says", async () => {
		const bytes = await tar(docker());
		const file = await readImageFile(await kept("app.tgz", gzipSync(bytes)));
		expect(file).toMatchObject({ name: "import-app.tar.gz", unpacked: bytes.length, images: ["app:1"] });
		expect(file.size).toBeLessThan(bytes.length);
		expect((await readImageFile(await kept("odd.zip", gzipSync(bytes)))).name).toBe("import-odd.zip.tar.gz");
	});

	it("is OCI's layout, with the names that containerd takes", async () => {
		expect(await readImageFile(await kept("oci.tar", await tar(oci)))).toMatchObject({
			images: ["docker.io/library/app:1", "example.org/b:2"],
			architectures: ["arm64"],
		});
	});

	it("is docker's where it is both, as newer versions write it", async () => {
		const both = await kept("both.tar", await tar({ ...oci, ...docker(["whole/name:1"]) }));
		expect((await readImageFile(both)).images).toEqual(["whole/name:1"]);
	});

	it.each<[string, () => Promise<Buffer>, RegExp]>([
		["something else", async () => Buffer.from("hello\n".repeat(100)), /no tar file/],
		["empty", async () => Buffer.alloc(0), /no tar file/],
		["a tar of other things", () => tar({ "a.txt": "hello" }), /neither docker's manifest\.json nor OCI's index\.json/],
		["images that were saved by number", () => tar(docker(null)), /no names/],
		["cut off", async () => (await tar(docker())).subarray(0, 20_000), /damaged or cut off/],
		["cut off and compressed", async () => gzipSync(await tar(docker())).subarray(0, 100), /damaged or cut off/],
	])("that is %s is refused, with the way to make one", async (_, bytes, why) => {
		const path = await kept("wrong.tar", await bytes());
		const refused = expect(readImageFile(path)).rejects;
		await refused.toThrow(why);
		await expect(readImageFile(path)).rejects.toMatchObject({ problems: [{ fix: expect.stringContaining("docker save") }] });
	});

	it("that is not there, or a folder, is said to be so", async () => {
		await expect(readImageFile(join(folder, "absent"))).rejects.toThrow(/there is no file/);
		await expect(readImageFile(folder)).rejects.toThrow(/it is a folder/);
	});
});

withSshd("import", () => {
	let lab: Lab;
	let file: ImageFile;
	let place: Place;
	let containerd: Server | undefined;
	const own = process.arch === "x64" ? "amd64" : "arm64";
	beforeAll(async () => {
		lab = await startLab(["c1"], ["n1"]);
		file = await readImageFile(await kept("app.tar", await tar(docker(["app:1"], own))));
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	/** A node's folders, with a ctr that notes what it is asked to do; `socket`: containerd runs. */
	beforeEach(async () => {
		const root = await mkdtemp(join(folder, "n-"));
		place = { agent: join(root, "agent"), socket: join(root, "s"), bin: join(root, "bin") };
		await mkdir(place.bin);
		await writeFile(join(place.bin, "k3s"), "", { mode: 0o755 });
		await ctr(`cat "$7" > ${root}/imported; echo "$@" > ${root}/asked`);
		containerd = createServer().listen(place.socket);
		return new Promise<() => void>((ready) => containerd!.once("listening", () => ready(() => containerd?.close())));
	});
	const ctr = (script: string) => writeFile(join(place.bin, "ctr"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
	const there = () => readdir(place.agent, { recursive: true }).then((names) => names.toSorted());
	const run = async (given = file, nodes = "c1") => {
		const reached = await lab.open();
		return importImages(reached, reached.select(nodes), given, { place });
	};

	it("brings the file whole, imports it, and keeps it where k3s looks at its start", async () => {
		const seen: unknown[] = [];
		const reached = await lab.open();
		const watcher = {
			started: (node: string) => seen.push(node),
			sent: (_: string, bytes: number) => seen.push(bytes),
			importing: () => seen.push("importing"),
			ended: () => seen.push("ended"),
		};
		const results = await importImages(reached, reached.select("c1"), file, { place, watcher });
		expect(results).toEqual([{ name: "c1", outcome: "imported" }]);
		const bytes = await readFile(file.path);
		expect(bytes.equals(await readFile(join(place.agent, "images/import-app.tar")))).toBe(true);
		expect(bytes.equals(await readFile(join(place.agent, "../imported")))).toBe(true);
		expect(await readFile(join(place.agent, "../asked"), "utf8")).toMatch(
			/^--address \S+\/s --namespace k8s\.io images import \.import-/,
		);
		expect(await there()).toEqual(["images", "images/import-app.tar"]);
		expect((await stat(join(place.agent, "images/import-app.tar"))).mode & 0o777).toBe(0o600);
		expect(seen).toEqual(["c1", ...seen.filter((each) => typeof each === "number"), "importing", "ended"]);
		expect(seen).toContain(file.size);
	});

	it("keeps it for later where containerd does not run", async () => {
		await new Promise((closed) => containerd!.close(closed));
		expect(await run()).toEqual([{ name: "c1", outcome: "kept" }]);
		expect(await there()).toEqual(["images", "images/import-app.tar"]);
	});

	it("leaves nothing of what containerd refuses, and what was there before as it was", async () => {
		await mkdir(join(place.agent, "images"), { recursive: true });
		await writeFile(join(place.agent, "images/import-app.tar"), "old");
		await ctr('echo "ctr: unexpected media type" >&2; exit 1');
		expect(await run()).toEqual([{ name: "c1", problem: "ctr: unexpected media type" }]);
		expect(await there()).toEqual(["images", "images/import-app.tar"]);
		expect(await readFile(join(place.agent, "images/import-app.tar"), "utf8")).toBe("old");
	});

	it("takes no part of a file for the whole", async () => {
		expect(await run({ ...file, size: file.size + 1 })).toEqual([{ name: "c1", problem: "only a part of the file has arrived" }]);
		expect(await there()).toEqual(["images"]);
	});

	it("looks first whether there is room, k3s, and the right processor", async () => {
		const [full] = await run({ ...file, unpacked: 1e15 });
		expect(full!.problem).toMatch(/^not enough space in \S+: about 2000000000 MB needed, \d+ MB free$/);
		const [other] = await run({ ...file, architectures: ["riscv64"] });
		expect(other!.problem).toBe(`the images are for riscv64, the node is ${own}`);
		await rm(join(place.bin, "k3s"));
		expect((await run())[0]).toMatchObject({ problem: "no k3s in its image", fix: expect.stringContaining("hybrid") });
		expect(await there()).toEqual(["images"]);
	});

	it("removes what a killed import has left, an hour later", async () => {
		await mkdir(place.agent);
		for (const name of [".import-old", ".import-new"]) await writeFile(join(place.agent, name), "");
		const hours = Date.now() / 1000 - 7200;
		await utimes(join(place.agent, ".import-old"), hours, hours);
		await run();
		expect(await there()).toEqual([".import-new", "images", "images/import-app.tar"]);
	});

	it("goes on with the others when a node is not there", async () => {
		const [first, second] = await run(file, "all");
		expect(first).toEqual({ name: "c1", outcome: "imported" });
		expect(second).toMatchObject({ name: "n1", problem: expect.stringMatching(/^nobody answers/) });
	});
});
