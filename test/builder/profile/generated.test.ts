import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { schemaFiles } from "../../../builder/profile/json-schema.ts";
import { withKeyTable } from "../../../builder/profile/reference.ts";

/** `npx vitest run test/builder/profile/generated.test.ts -u` makes the files again. */
const ROOT = new URL("../../../", import.meta.url).pathname;

test.each([...schemaFiles()])("profiles/schema/%s is what the schema says", async (name, text) => {
	await expect(text).toMatchFileSnapshot(`${ROOT}profiles/schema/${name}`);
});

test("docs/profile.md lists every key as the schema describes it", async () => {
	const page = `${ROOT}docs/profile.md`;
	await expect(withKeyTable(await readFile(page, "utf8"))).toMatchFileSnapshot(page);
});
