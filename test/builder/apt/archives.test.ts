import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type ArchiveSources, archiveAddresses, buildKeyrings, extraSources } from "../../../builder/apt/archives.ts";
import { deb822 } from "../../../builder/apt/deb822.ts";
import { complaintsOf, folder } from "../profile/support.ts";
import { addressesOf, EXAMPLES, shippedBase } from "./bases.ts";

async function given(name: string, mirrors: string[], sources: ArchiveSources = EXAMPLES) {
	return Object.fromEntries(await archiveAddresses(await shippedBase(name), mirrors, sources));
}

describe("addresses", () => {
	it("of Ubuntu are its own public ones, whatever the host uses", async () => {
		const host: ArchiveSources = { ...EXAMPLES, host: async () => "http://host.example/ubuntu" };
		expect(await given("ubuntu-24.04", [], host)).toEqual({
			archive: { uri: "http://archive.ubuntu.com/ubuntu", from: "base" },
			security: { uri: "http://security.ubuntu.com/ubuntu", from: "base" },
		});
	});

	it("of Debian are the host's, or what mmdebstrap knows", async () => {
		const host: ArchiveSources = { ...EXAMPLES, host: async (name) => (name === "archive" ? "http://host.example" : undefined) };
		expect(await given("debian-13", [], host)).toEqual({
			archive: { uri: "http://host.example", from: "host" },
			security: { uri: "http://standard.example/trixie-security", from: "mmdebstrap" },
		});
	});

	it("come from --mirror first: one for Ubuntu's pockets, one each for Debian's archives", async () => {
		const mirror = { uri: "http://m.example/u", from: "--mirror" };
		expect(await given("ubuntu-24.04", ["http://m.example/u/"])).toEqual({ archive: mirror, security: mirror });
		expect(await given("debian-13", ["http://m.example/u"])).toMatchObject({ archive: mirror, security: { from: "mmdebstrap" } });
	});

	it("can be named: the name goes before what an archive is mirrored with", async () => {
		expect(await given("ubuntu-24.04", ["http://m.example/u", "security=https://s.example//"])).toEqual({
			archive: { uri: "http://m.example/u", from: "--mirror" },
			security: { uri: "https://s.example", from: "--mirror" },
		});
	});

	it.each(["https://m.example/u", "copy:/srv/u", "file:/srv/u"])("may be %s", async (uri) => {
		expect((await given("ubuntu-24.04", [`archive=${uri}`])).archive).toEqual({ uri, from: "--mirror" });
	});

	it("refuse an archive that the base has not, and what is no address", async () => {
		const base = await shippedBase("debian-13");
		expect(await complaintsOf(() => addressesOf(base, "updates=http://m.example"))).toEqual([
			'--mirror updates=http://m.example: base debian-13 has no archive "updates" (archives of debian-13: archive, security)',
		]);
		expect(await complaintsOf(() => addressesOf(base, "ftp://m.example"))).toEqual([
			"--mirror ftp://m.example: not an address (--mirror http://HOST/ubuntu)",
		]);
	});
});

describe("keyrings", () => {
	it("are the host's where it is installed, and our copy", async () => {
		const dir = await folder({ "host.gpg": "", "copy.asc": "" });
		const base = await shippedBase("ubuntu-24.04");
		const at = (host: string) => ({ ...base, apt: { ...base.apt, keyring: { ...base.apt.keyring, host } } });
		const copy = join(dir, "copy.asc");
		expect(buildKeyrings(at(join(dir, "host.gpg")), copy)).toEqual([join(dir, "host.gpg"), copy]);
		expect(buildKeyrings(at(join(dir, "not-installed.gpg")), copy)).toEqual([copy]);
	});
});

describe("deb822", () => {
	const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: x\n\nmQENB\n  \n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n";
	const source = { name: "v", uris: ["http://a.example", "http://b.example"], suites: ["./"], components: [], key, keep: true };

	it("folds a key: every line indented, an empty one is a dot", () => {
		expect(deb822(extraSources([source]))).toBe(`Types: deb
URIs: http://a.example http://b.example
Suites: ./
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 Comment: x
 .
 mQENB
 .
 =abcd
 -----END PGP PUBLIC KEY BLOCK-----
`);
	});

	it("separates paragraphs by an empty line, and a paragraph has none", () => {
		const text = deb822([...extraSources([source]), { ...source, components: ["main"], signedBy: ["/a.gpg", "/b.gpg"] }]);
		expect(text.split("\n\n")).toHaveLength(2);
		expect(text).toContain("\nComponents: main\nSigned-By: /a.gpg /b.gpg\n");
	});
});
