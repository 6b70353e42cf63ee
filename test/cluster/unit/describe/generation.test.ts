import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { seedGeneration } from "../../../../cluster/describe/generation.ts";
import { describeText } from "../../../../cluster/describe/read.ts";
import { emptyFolder, FIVE, SECRETS } from "./samples.ts";

describe("seedGeneration", () => {
	it("counts up when a seed would be another one, and only then", async () => {
		const dir = await emptyFolder();
		const next = (text: string, secrets = SECRETS) => seedGeneration(describeText(text, dir), secrets);
		expect(await next(FIVE)).toBe(1);
		expect(await next(FIVE)).toBe(1);
		// A comment, the image and the way to a node are nothing to a seed.
		expect(await next(`# a comment\nimage = "x.qcow2"\n${FIVE}reach = { via = "qemu" }\n`)).toBe(1);
		expect(await next(`${FIVE}[[user]]\nname = "ada"\nuid = 2001\n`)).toBe(2);
		expect(await next(FIVE, { ...SECRETS, generation: { ...SECRETS.generation, serf: 9 } })).toBe(3);
		expect(await next(FIVE)).toBe(4);
	});

	it("is kept where only its owner looks", async () => {
		const dir = await emptyFolder();
		await seedGeneration(describeText(FIVE, dir), SECRETS);
		expect((await stat(join(dir, ".clusteros"))).mode & 0o777).toBe(0o700);
		expect((await stat(join(dir, ".clusteros/seed-generation"))).mode & 0o777).toBe(0o600);
		expect(await readFile(join(dir, ".clusteros/seed-generation"), "utf8")).toMatch(/^1 [0-9a-f]{64}\n$/);
	});
});
