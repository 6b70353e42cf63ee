import { appendFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { afterLine, NOT_STARTED, type NodeView } from "../../../qemu/cluster/console-lines.ts";
import { ConsoleWatch, sizeOf } from "../../../qemu/cluster/console-watch.ts";

const said = (...lines: string[]) => lines.reduce(afterLine, NOT_STARTED as NodeView);
const KERNEL = "[    0.000000] Linux version 6.12.117+deb13-amd64 (debian-kernel@lists.debian.org)";

describe("afterLine", () => {
	it("takes the agent's words, whatever the kernel has put before them", () => {
		expect(said("clusteros n1 slurm 10.90.0.2 waiting: for c1 to list it")).toEqual({
			state: "slurm",
			mesh: "10.90.0.2",
			reason: "waiting: for c1 to list it",
		});
		expect(said("[   31.2] wireguard: loadedclusteros n1 mesh - x").state).toBe("starting");
		expect(said("[   31.2] clusteros n1 mesh -")).toEqual({ state: "mesh", mesh: "-", reason: "" });
		expect(said("n1 login: clusteros n1 ready 10.90.0.2 2 peers").state).toBe("ready");
	});

	it.each([
		"clusteros n1 dancing - x",
		"clusteros-hostkey n1 ready - x",
		"notclusteros n1 ready - x",
		"clusteros.service: ready",
	])("does not take %j for a state", (line) => {
		expect(said(line)).toEqual(NOT_STARTED);
	});

	it("keeps the host key over states, and forgets all of it at the next boot", () => {
		const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHRlc3Q";
		const ready = said(`clusteros-hostkey n1 ${key}`, "clusteros n1 ready 10.90.0.2 x");
		expect(ready).toMatchObject({ state: "ready", hostKey: key });
		expect(afterLine(ready, KERNEL)).toEqual({ state: "booting", mesh: "-", reason: "" });
	});
});

describe("ConsoleWatch", () => {
	it("begins again with a log that does", async () => {
		const dir = await mkdtemp(join(tmpdir(), "console-"));
		try {
			const file = join(dir, "serial.log");
			await writeFile(file, `${KERNEL}\nclusteros n1 ready 10.90.0.2 x\n`);
			const watch = new ConsoleWatch(file, await sizeOf(file));
			await writeFile(file, "clusteros n1 mesh -\n");
			expect(await watch.look()).toBe(true);
			expect(watch.view.state).toBe("mesh");
		} finally {
			await rm(dir, { recursive: true });
		}
	});

	it("sees what is appended, line by line, without control sequences", async () => {
		const dir = await mkdtemp(join(tmpdir(), "console-"));
		try {
			const file = join(dir, "serial.log");
			const watch = new ConsoleWatch(file, 0);
			expect(await watch.look()).toBe(false);
			await writeFile(file, `${KERNEL}\r\n\u001b[0;32mclusteros n1 mes`);
			expect(await watch.look()).toBe(true);
			expect(watch.view.state).toBe("booting");
			await appendFile(file, "h 10.90.0.2 hällo\r\n");
			await watch.look();
			expect(watch.view).toEqual({ state: "mesh", mesh: "10.90.0.2", reason: "hällo" });
			expect(await watch.look()).toBe(false);
			const later = new ConsoleWatch(file, await sizeOf(file));
			await later.look();
			expect(later.view).toEqual(NOT_STARTED);
		} finally {
			await rm(dir, { recursive: true });
		}
	});
});
