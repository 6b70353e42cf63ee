import { join } from "node:path";
import { expect, test } from "vitest";
import { parseToml, readToml } from "../../../core/toml/toml-document.ts";
import { complaintsOf, folder } from "../../builder/profile/support.ts";

const parse = (text: string) => parseToml(text, "p.toml", "/p.toml");

test("a mistake of syntax is shown with line and column counted from 1", async () => {
	expect(await complaintsOf(() => parse("a = 1\nb = \n"))).toEqual([
		"p.toml:2:5 this is not TOML: unexpected character, expecting string, number, datetime, boolean, inline array or inline table",
	]);
	expect(await complaintsOf(() => parse("a = 1\na = 2\n"))).toEqual(["p.toml:2:6 this is not TOML: can't redefine existing key"]);
});

test("a byte order mark and Windows line ends are no mistake", async () => {
	const dir = await folder({ "p.toml": "\uFEFFa = 1\r\nb = [2,\r\n 3]\r\n" });
	const document = await readToml("p.toml", dir);
	expect(document.value).toEqual({ a: 1, b: [2, 3] });
	expect(document.where(["b", 1])).toEqual({ file: "p.toml", line: 3, column: 2 });
});

test("what is no text, no file or a folder is said in words", async () => {
	const dir = await folder({ "latin.toml": Uint8Array.of(0x61, 0x3d, 0x22, 0xe9, 0x22) });
	expect(await complaintsOf(() => readToml("latin.toml", dir))).toEqual([
		"latin.toml the file is not UTF-8 text (save it as UTF-8)",
	]);
	expect(await complaintsOf(() => readToml("none.toml", dir))).toEqual(["none.toml cannot read none.toml: no such file"]);
	expect(await complaintsOf(() => readToml(".", dir))).toEqual([`${dir} cannot read ${dir}: it is a folder`]);
});

test("files outside the working folder are shown by their whole path", async () => {
	const dir = await folder({ "a/p.toml": "x = 1", "ab/p.toml": "x = 1" });
	expect((await readToml("../ab/p.toml", join(dir, "a"))).file).toBe(join(dir, "ab/p.toml"));
});

test.each([
	[["a"], "1:1"],
	[["list", 0], "2:9"],
	[["list", 1], "3:2"],
	[["list", 7], "2:1"],
	[["table"], "5:1"],
	[["table", "key"], "6:1"],
	[["table", "sub", "deep"], "7:5"],
	[["inline", "x"], "4:12"],
	[["many"], "8:1"],
	[["many", 0, "name"], "9:1"],
	[["many", 1], "10:1"],
	[["many", 1, "name"], "11:1"],
	[["many", 1, "more", "z"], "13:1"],
	[["quoted.key"], "14:1"],
	[["many", 1, "more", "gone"], "12:1"],
	[["nowhere"], "1:1"],
])("%j stands at %s", (path, place) => {
	const text = `a = 1
list = ["x",
 "y"]
inline = { x = 1 }
[table]
key = 1
sub.deep = 2
[[many]]
name = 1
[[many]]
name = 2
[many.more]
z = 1
["quoted.key"]
`;
	const { line, column } = parse(text).where(path);
	expect(`${line}:${column}`).toBe(place);
});
