import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { plain, SerialLog } from "../../qemu/serial.ts";

let folder: string;
let file: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "serial-"));
	file = join(folder, "serial.log");
});

afterEach(() => rm(folder, { recursive: true }));

describe("SerialLog", () => {
	it("finds what is printed later, in pieces, in a file that is made later", async () => {
		const found = new SerialLog(file).waitFor(/state=(\w+)/g, 5000);
		await writeFile(file, "booting\r\nsta");
		await appendFile(file, "te=ready\r\n");
		expect((await found)[1]).toBe("ready");
	});

	it("does not see what an earlier start printed", async () => {
		await writeFile(file, "login:\n");
		const log = await SerialLog.fromNow(file);
		expect(await log.text()).toBe("");
		await appendFile(file, "again\n");
		expect(await log.text()).toBe("again\n");
	});

	it("says the last lines when the wait is over", async () => {
		await writeFile(file, "one\r\n\x1b[0;1;31mKernel panic\x1b[0m\r\n\r\n");
		await expect(new SerialLog(file).waitFor(/login:/, 50)).rejects.toThrow(/\/login:\/ within 0\.05 s.*\none\nKernel panic$/s);
	});
});

describe("plain", () => {
	it("takes out what only a terminal understands", () => {
		expect(plain("\x1b[H\x1b[J\x1b[1;1H[  \x1b[0;32mOK\x1b[0m  ] Started\r\n")).toBe("[  OK  ] Started\n");
		expect(plain("\x1b]3008;start=1\x1b\\a\x1b]0;title\x07b\x1b7\x1b(Bc")).toBe("abc");
		expect(plain("\x1b[!p\x1b[32766;32766Hn1 login: ")).toBe("n1 login: ");
	});
});
