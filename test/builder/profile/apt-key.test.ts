import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { dearmour } from "../../../builder/profile/openpgp.ts";
import { complaintsOf, folder, ROOT, resolveIn } from "./support.ts";

const KEYRINGS = new URL("../../../profiles/bases/keyrings/", import.meta.url).pathname;
const profile = (key: string) =>
	`${ROOT}[[apt.sources]]\nname = "site"\nuris = ["https://x.example"]\nsuites = ["./"]\nkey = ${JSON.stringify(key)}\n`;
const FIX = " (save the archive's public key (its .asc or .gpg file) beside the profile and name that file)";

test("a key is the same armoured text, whether in the profile, in a .asc or in a .gpg", async () => {
	const ascii = await readFile(`${KEYRINGS}ubuntu-24.04.asc`, "utf8");
	const files = { "p/k/site.asc": ascii.replaceAll("\n", "\r\n"), "p/k/site.gpg": dearmour(ascii) };
	for (const key of ["k/site.asc", "k/site.gpg", `A note.\n${ascii}`.slice(8)]) {
		const dir = await folder({ ...files, "p/x.toml": profile(key) });
		const { profile: resolved, files: read } = await resolveIn(dir, "x");
		expect(resolved.aptSources[0]!.key).toBe(ascii);
		expect(read.slice(1)).toEqual(key.startsWith("k/") ? [`${dir}/p/${key}`] : []);
	}
});

test("what is no public key is refused, a private one with its reason", async () => {
	const block = (kind: string) => `-----BEGIN PGP ${kind} KEY BLOCK-----\n\nAA==\n-----END PGP ${kind} KEY BLOCK-----\n`;
	const files = { "p/no.asc": "hello", "p/empty.gpg": "", "p/bad.asc": block("PUBLIC"), "p/secret.asc": block("PRIVATE") };
	const refused = async (key: string) => {
		const dir = await folder({ "p/x.toml": profile(key), ...files });
		return complaintsOf(() => resolveIn(dir, "x"));
	};
	const place = "p/x.toml:11:1 apt.sources[0].key:";
	expect(await refused("none.asc")).toEqual([
		`${place} cannot read the signing key of apt source "site", p/none.asc: no such file${FIX}`,
	]);
	for (const name of ["no.asc", "empty.gpg", "bad.asc"])
		expect(await refused(name)).toEqual([`${place} p/${name} is no OpenPGP public key${FIX}`]);
	for (const key of ["secret.asc", block("PRIVATE")])
		expect((await refused(key))[0]).toContain("holds a private key: it must never get into an image");
});
