import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { afterEach, describe, expect, it, vi } from "vitest";
import { cacheCommand } from "../../../builder/cli/cache.ts";
import { exitCodeOf } from "../../../core/errors.ts";
import { plainTrees } from "../store/plain-trees.ts";
import { files, room, tree } from "../store/room.ts";

afterEach(() => vi.restoreAllMocks());

/** Runs `clusteros ARGS` and returns what it prints on stdout. */
async function cli(...args: string[]): Promise<string> {
	let printed = "";
	vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		printed += text;
		return true;
	});
	vi.spyOn(process.stderr, "write").mockImplementation(() => true);
	const program = new Command("clusteros").addCommand(cacheCommand(() => plainTrees));
	for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) command.exitOverride();
	try {
		await program.parseAsync(args, { from: "user" });
	} finally {
		vi.restoreAllMocks();
	}
	return printed;
}

async function filled() {
	const at = await room();
	const store = await at.open();
	await store.make(tree({ layer: "base" }, { x: "content" }, "layer:base@debian-13"));
	await new Promise((resolve) => setTimeout(resolve, 2));
	const { entry } = await store.make(files({ disk: 1 }, { "disk.raw": "disk" }, "disk:base@debian-13"));
	const deb = join(at.dir, "a.deb");
	await writeFile(deb, "deb");
	await store.debs.add(deb, await store.fileDigest(deb));
	return { at, store, entry };
}

describe("clusteros cache", () => {
	it("ls prints an aligned table with the total, newest first", async () => {
		const { at, entry } = await filled();
		await using _at = at;
		const lines = (await cli("cache", "ls", "--cache-dir", at.cache)).split("\n");
		const time = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d`;
		expect(lines[0]).toMatch(/^what +size +made +last used +key$/);
		expect(lines[1]).toMatch(new RegExp(`^disk:base@debian-13 +4 kB +${time} +${time} +${entry.key.slice(0, 12)}$`));
		expect(lines[2]).toMatch(/^layer:base@debian-13 +4 kB/);
		expect(lines[3]).toMatch(/^1 downloaded package +4 kB$/);
		expect(lines[4]).toMatch(new RegExp(`^total +12 kB +${at.cache}$`));
		expect(new Set(lines.slice(0, 5).map((line) => line.search(/(size|\d+ kB)/))).size).toBe(1);
	});

	it("ls of an empty cache prints a total of nothing", async () => {
		await using at = await room();
		expect(await cli("cache", "ls", "--cache-dir", at.cache)).toBe(`total  0 B  ${at.cache}\n`);
	});

	it("ls --json has every entry whole", async () => {
		const { at, entry } = await filled();
		await using _at = at;
		const printed = JSON.parse(await cli("cache", "ls", "--json", "--cache-dir", at.cache));
		expect(printed).toMatchObject({ version: 1, dir: at.cache, debs: { count: 1, size: 4096 }, total: 12_288 });
		expect(printed.entries).toMatchObject([{ ...entry, used: expect.any(String) }, { slot: "layer:base@debian-13" }]);
	});

	it("prune says what it removed, and how to remove more when it removed nothing", async () => {
		const { at } = await filled();
		await using _at = at;
		expect(await cli("cache", "prune", "--cache-dir", at.cache)).toBe(
			`0 B freed, 12 kB left in ${at.cache}; to remove everything: clusteros cache prune --all\n`,
		);
		expect(await cli("cache", "prune", "--max-size", "8.2kB", "--cache-dir", at.cache)).toMatch(
			/^removed {2}\S.*\n4 kB freed, 8 kB left/,
		);
		const all = JSON.parse(await cli("cache", "prune", "--all", "--json", "--cache-dir", at.cache));
		expect(all).toMatchObject({ version: 1, freed: 8192, left: 0, inUse: [] });
	});

	it.each([
		["--max-size", "10"],
		["--max-size", "many GB"],
		["--older-than", "a week"],
		["--older-than", "-1"],
	])("prune refuses %s %s", async (option, value) => {
		await using at = await room();
		const error = await cli("cache", "prune", `${option}=${value}`, "--cache-dir", at.cache).catch((e: unknown) => e);
		expect(error).toBeInstanceOf(CommanderError);
		expect((error as Error).message).toContain("such as");
	});

	it("verify ends with exit code 1 when something is damaged, and names it", async () => {
		const { at, entry } = await filled();
		await using _at = at;
		expect(await cli("cache", "verify", "--cache-dir", at.cache)).toBe("3 checked, 0 damaged\n");
		await writeFile(join(entry.dir, "disk.raw"), "DISK");
		const error = await cli("cache", "verify", "--cache-dir", at.cache).catch((e: unknown) => e);
		expect(exitCodeOf(error)).toBe(1);
		expect((error as Error).message).toMatch(/^disk:base@debian-13 [0-9a-f]{12}: disk.raw has other content/);
		expect(await cli("cache", "verify", "--cache-dir", at.cache)).toBe("2 checked, 0 damaged\n");
	});

	it("shows commands that work as typed in its help", async () => {
		const command = cacheCommand(() => plainTrees);
		let help = "";
		command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
		const examples = help.split("\n").filter((line) => line.startsWith("  clusteros cache"));
		expect(examples.length).toBeGreaterThan(3);
		const { at } = await filled();
		await using _at = at;
		for (const line of examples) await cli(...line.trim().split(/ {2,}/)[0]!.split(" ").slice(1), "--cache-dir", at.cache);
	});
});
