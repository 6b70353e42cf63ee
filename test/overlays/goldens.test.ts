import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderOverlays } from "../../builder/render/render-overlays.ts";
import { contexts } from "./contexts.ts";
import { asGolden, difference, readGolden, writeGolden } from "./goldens.ts";
import { overlayNamed } from "./read-toml.ts";

const overlays = join(import.meta.dirname, "../../overlays");
const names = await readdir(overlays);
/** `expected/debian-13` holds everything, the others' folders what differs from it. */
const REFERENCE = "debian-13";

async function rendered(name: string, base: string): Promise<Map<string, string>> {
	return asGolden(await renderOverlays([await overlayNamed(name)], contexts[base]!));
}

async function compare(golden: Map<string, string>, dir: string): Promise<void> {
	if (process.env.UPDATE_GOLDEN === "1") await writeGolden(dir, golden);
	expect(Object.fromEntries(golden)).toEqual(Object.fromEntries(await readGolden(dir)));
}

describe.each(names)("overlay %s", (name) => {
	const dir = join(overlays, name, "expected");

	it(`renders as expected for ${REFERENCE}`, async () => {
		const golden = await rendered(name, REFERENCE);
		expect(golden.size).toBeGreaterThan(1);
		await compare(golden, join(dir, REFERENCE));
	});

	it.each(Object.keys(contexts).filter((base) => base !== REFERENCE))("differs as expected for %s", async (base) => {
		await compare(difference(await rendered(name, base), await rendered(name, REFERENCE)), join(dir, base));
	});
});

it("no two of our overlays write one path", async () => {
	const files = await renderOverlays(await Promise.all(names.map(overlayNamed)), contexts[REFERENCE]!);
	expect(new Set(files.map((file) => file.overlay))).toEqual(new Set(names));
});
