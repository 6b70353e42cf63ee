import { describe, expect, it } from "vitest";
import { parseUris } from "../../../builder/apt/solve.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

describe("apt-get --print-uris", () => {
	it("is read package by package, sorted, with epochs", () => {
		const text = `Reading package lists...
The following NEW packages will be installed:
  libc6 zlib1g
Need to get 1,234 B of archives.
'http://a.example/pool/z/zlib/zlib1g_1.3_amd64.deb' zlib1g_1%3a1.3.dfsg+really1.3.1-1_amd64.deb 88992 SHA256:${A}
'http://a.example/pool/a/adduser/adduser_3.152_all.deb' adduser_3.152_all.deb 191000 SHA256:${B}
`;
		expect(parseUris(text)).toEqual([
			{
				name: "adduser",
				version: "3.152",
				arch: "all",
				size: 191000,
				sha256: B,
				uri: "http://a.example/pool/a/adduser/adduser_3.152_all.deb",
				file: "adduser_3.152_all.deb",
			},
			{
				name: "zlib1g",
				version: "1:1.3.dfsg+really1.3.1-1",
				arch: "amd64",
				size: 88992,
				sha256: A,
				uri: "http://a.example/pool/z/zlib/zlib1g_1.3_amd64.deb",
				file: "zlib1g_1%3a1.3.dfsg+really1.3.1-1_amd64.deb",
			},
		]);
	});

	it("takes nothing that has no SHA-256: a weaker digest proves nothing", () => {
		const weak = "'http://a.example/x_1_all.deb' x_1_all.deb 12 MD5Sum:d41d8cd98f00b204e9800998ecf8427e\n";
		expect(parseUris(weak)).toEqual([]);
		expect(parseUris("")).toEqual([]);
	});
});
