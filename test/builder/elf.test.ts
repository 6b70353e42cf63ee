import { expect, it } from "vitest";
import { readElf } from "../../builder/elf.ts";
import { elfHead } from "./k3s/stand-in.ts";
import { folder } from "./profile/support.ts";

const DEBIAN = { x64: "amd64", arm64: "arm64", riscv64: "riscv64", s390x: "s390x" } as Readonly<Record<string, string>>;

it("knows the architecture of the program that runs this, and that it is no static one", async () => {
	expect(await readElf(process.execPath)).toEqual({ arch: DEBIAN[process.arch], isStatic: false });
});

it.each([
	["amd64", 62, true],
	["arm64", 183, true],
	["amd64", 62, false],
	["machine 999", 999, true],
])("knows %s (%i), static: %s", async (arch, machine, isStatic) => {
	const dir = await folder({ program: elfHead(machine, isStatic) });
	expect(await readElf(`${dir}/program`)).toEqual({ arch, isStatic });
});

it.each([
	["a script", "#!/bin/sh\n".padEnd(200, "#")],
	["a file that ends within the header", Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1])],
	["nothing", ""],
])("%s is no program", async (_what, content) => {
	const dir = await folder({ program: content });
	expect(await readElf(`${dir}/program`)).toBeUndefined();
});
