import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { showLogs } from "../../../../cluster/operate/logs.ts";
import { poll } from "../../../../core/deadline.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { standIn, written } from "../support/sshd.ts";

withSshd("logs", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["n1", "c1"]);
		await standIn(lab.sshds.n1!, "journalctl", 'echo "$@" >> "$NODE_DIR/asked"; echo one; echo two');
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	const heard: string[] = [];
	const common = { follow: false, units: [], onLine: (line: string) => heard.push(line) };

	it("ask the journal of this boot, of the units and lines wanted", async () => {
		const reached = await lab.open();
		const [node] = reached.select("n1");
		await showLogs(reached, node!, { ...common, source: "journal", lines: 5, units: ["munge", "ssh"] });
		expect(heard.splice(0)).toEqual(["one", "two"]);
		const asked = await written(lab.sshds.n1!, "asked");
		expect(asked.trim()).toBe("--no-pager --output=short-iso --boot --unit munge --unit ssh --lines 5");
	});

	it("show a console as plain lines, and what is printed next, until they are stopped", async () => {
		const reached = await lab.open();
		const serial = join(lab.sshds.n1!.dir, "serial.log");
		await writeFile(serial, "old\r\n\u001b[32mgreen\u001b[0m\r\n");
		const node = { ...reached.select("n1")[0]!, machine: { dir: lab.sshds.n1!.dir } as never };
		const stop = new AbortController();
		const shown = showLogs(reached, node, { ...common, source: "serial", lines: 1, follow: true, signal: stop.signal });
		await poll(() => heard.length > 0 || undefined, { timeout: 10_000 });
		await appendFile(serial, "next\n");
		await poll(() => heard.length > 1 || undefined, { timeout: 10_000 });
		stop.abort();
		await expect(shown).rejects.toThrow("interrupted");
		expect(heard.splice(0)).toEqual(["green", "next"]);
	});

	it("say that metal has no console here", async () => {
		const reached = await lab.open();
		const [node] = reached.select("n1");
		await expect(showLogs(reached, node!, { ...common, source: "serial" })).rejects.toThrow("there is no serial log of n1");
	});
});
