import { link, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeSeedFolder } from "../../cloud-init/volume/folder.ts";
import { writeSeedIntoImage } from "../../cloud-init/volume/image.ts";
import { ISO_WRITERS, isoArgs, writeSeedIso } from "../../cloud-init/volume/iso.ts";
import type { UserError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import { missing, named } from "../qemu/programs.ts";

const MIB = 1024 * 1024;
const SEED = { "meta-data": "instance-id: x\n", "user-data": "#cloud-config\n", "network-config": "version: 2\n" };
const { "network-config": _, ...WITHOUT_NETWORK } = SEED;

let folder: string;
const at = (name: string) => join(folder, name);
const modeOf = async (name: string) => (await stat(at(name))).mode & 0o777;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "volume-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("a seed as plain files", () => {
	it("is for its owner alone, whatever was there before", async () => {
		await mkdir(at("seed"));
		await writeFile(at("seed/user-data"), "old", { mode: 0o644 });
		await writeSeedFolder(at("seed"), SEED);
		for (const [name, text] of Object.entries(SEED)) {
			expect(await readFile(at(`seed/${name}`), "utf8")).toBe(text);
			expect(await modeOf(`seed/${name}`)).toBe(0o600);
		}
		expect((await readdir(at("seed"))).length).toBe(3);
	});

	it("leaves no network-config of an older seed, and others' files alone", async () => {
		await writeSeedFolder(at("seed"), SEED);
		await writeFile(at("seed/readme.txt"), "mine");
		await writeSeedFolder(at("seed"), WITHOUT_NETWORK);
		expect((await readdir(at("seed"))).toSorted()).toEqual(["meta-data", "readme.txt", "user-data"]);
	});
});

describe("a seed as an ISO", () => {
	it("is made by either program with the same words", () => {
		expect(isoArgs("xorriso", "in", "out").slice(3)).toEqual(isoArgs("genisoimage", "in", "out").slice(1));
	});

	for (const program of ISO_WRITERS) {
		const lacking = missing(program, "blkid");
		it.skipIf(lacking.length > 0)(
			named(`of ${program} is labelled CIDATA, holds the files by their names, 0600`, lacking),
			async () => {
				await writeSeedIso(at("seed.iso"), SEED, program);
				const { stdout } = await run(["blkid", "-o", "value", "-s", "LABEL", at("seed.iso")], { doing: "reading the label" });
				expect(stdout.trim()).toBe("CIDATA");
				expect(await modeOf("seed.iso")).toBe(0o600);
				const bytes = await readFile(at("seed.iso"));
				// Rock Ridge has names in ASCII, Joliet in UCS-2.
				for (const name of Object.keys(SEED)) {
					expect(bytes.includes(name)).toBe(true);
					expect(bytes.includes(Buffer.from(name, "utf16le").swap16())).toBe(true);
				}
				expect(bytes.includes(SEED["meta-data"])).toBe(true);
				expect(await readdir(folder)).toEqual(["seed.iso"]);
			},
		);
	}
});

const lacking = missing("sfdisk", "mkfs.vfat", "mcopy", "mdir", "mdel", "mtype");

describe.skipIf(lacking.length > 0)(named("a seed in an image", lacking), () => {
	/** A disk image of two FAT partitions, the second one with this label; GPT or MBR. */
	async function disk(label: string, table: "gpt" | "dos" = "gpt"): Promise<string> {
		const file = at("disk.raw");
		await writeFile(file, "", { mode: 0o644 });
		await using handle = await open(file, "r+");
		await handle.truncate(16 * MIB);
		const input = `label: ${table}\nstart=1MiB, size=4MiB\nstart=5MiB, size=8MiB\n`;
		await run(["sfdisk", "-q", file], { doing: "partitioning", input });
		for (const [number, [name, offset, size]] of [["ESP", 1, 4] as const, [label, 5, 8] as const].entries()) {
			const part = at(`part${number}`);
			await writeFile(part, Buffer.alloc(size * MIB));
			await run(["mkfs.vfat", "-n", name, part], { doing: "making a filesystem" });
			await handle.write(await readFile(part), 0, size * MIB, offset * MIB);
			await rm(part);
		}
		return file;
	}

	const inImage = async (file: string, name: string) =>
		(await run(["mtype", "-i", `${file}@@${5 * MIB}`, `::/${name}`], { doing: "reading a file of the image" })).stdout;
	const namesIn = async (file: string) =>
		(await run(["mdir", "-b", "-i", `${file}@@${5 * MIB}`, "::"], { doing: "listing the image" })).stdout.trim().split("\n");
	const refusal = async (file: string): Promise<UserError> => {
		const error = await writeSeedIntoImage(file, SEED).catch((thrown: UserError) => thrown);
		if (!error) throw new Error("it was written");
		return error;
	};

	it.each(["gpt", "dos"] as const)("goes into the partition labelled CIDATA of a %s disk, which becomes 0600", async (table) => {
		const file = await disk("CIDATA", table);
		await writeSeedIntoImage(file, SEED);
		expect(await inImage(file, "user-data")).toBe(SEED["user-data"].trimEnd());
		expect((await namesIn(file)).toSorted()).toEqual(["::/meta-data", "::/network-config", "::/user-data"]);
		expect(await modeOf("disk.raw")).toBe(0o600);
	});

	it("takes the place of an older one, and leaves other files and partitions alone", async () => {
		const file = await disk("cidata");
		const before = (await readFile(file)).subarray(0, 5 * MIB);
		await writeSeedIntoImage(file, { ...SEED, "user-data": "#cloud-config\n# a longer one\n".repeat(1000) });
		await writeFile(at("notes"), "mine");
		await run(["mcopy", "-i", `${file}@@${5 * MIB}`, at("notes"), "::"], { doing: "adding a file" });
		await writeSeedIntoImage(file, WITHOUT_NETWORK);
		expect(await inImage(file, "user-data")).toBe("#cloud-config");
		expect((await namesIn(file)).toSorted()).toEqual(["::/meta-data", "::/notes", "::/user-data"]);
		expect((await readFile(file)).subarray(0, 5 * MIB).equals(before)).toBe(true);
	});

	it("is refused where there is no such partition, and nothing changes", async () => {
		const file = await disk("DATA");
		const before = await readFile(file);
		expect((await refusal(file)).message).toContain("has no CIDATA partition");
		expect((await readFile(file)).equals(before)).toBe(true);
		expect(await modeOf("disk.raw")).toBe(0o644);
	});

	it("is refused for what is no raw image", async () => {
		await writeFile(at("notes.txt"), "no disk\n");
		expect((await refusal(at("notes.txt"))).message).toContain("has no CIDATA partition");
		expect((await refusal(at("absent.raw"))).message).toContain("there is no image");
		expect((await refusal(folder)).message).toContain("is not a file");
		await writeFile(at("disk.qcow2"), Buffer.concat([Buffer.from("QFI\xfb", "latin1"), Buffer.alloc(MIB)]));
		const { problems } = await refusal(at("disk.qcow2"));
		expect(problems[0]!.fix).toMatch(/^qemu-img convert -O raw \S+disk\.qcow2 disk\.raw /);
	});

	it("is refused where the bytes are another file's, too", async () => {
		const file = await disk("CIDATA");
		await link(file, at("published.raw"));
		const { problems } = await refusal(file);
		expect(problems[0]!.fix).toContain("cp --sparse=always");
	});
});
