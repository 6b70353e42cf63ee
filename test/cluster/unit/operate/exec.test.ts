import { afterAll, beforeAll, expect, it } from "vitest";
import { execOn, exitCodeOfRan } from "../../../../cluster/operate/exec.ts";
import { UserError } from "../../../../core/errors.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";

withSshd("exec", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1"], ["n2"]);
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	it("runs on all at once, and one that is not there does not stop the others", async () => {
		const reached = await lab.open();
		const lines: string[] = [];
		const onNodeLine = (node: string, line: string) => lines.push(`${node}: ${line}`);
		const ran = await execOn(reached, reached.select("all"), ["hostname"], { onNodeLine });
		expect(lines.sort()).toEqual(["c1: c1", "n1: n1"]);
		expect(ran.map(({ name, exitCode, stdout }) => [name, exitCode, stdout])).toEqual([
			["c1", 0, "c1"],
			["n1", 0, "n1"],
			["n2", null, ""],
		]);
		expect(ran[2]!.problem).toMatch(/^n2 cannot be reached/);
		expect(exitCodeOfRan(ran)).toBe(1);
		expect(exitCodeOfRan(ran.slice(0, 2))).toBe(0);
	});

	it("has the command's own exit code on one node, 1 on several", async () => {
		const reached = await lab.open();
		const argv = ["sh", "-c", "exit 7"];
		expect(exitCodeOfRan(await execOn(reached, reached.select("n1"), argv, {}))).toBe(7);
		expect(exitCodeOfRan(await execOn(reached, reached.select("c1,n1"), argv, {}))).toBe(1);
		expect(exitCodeOfRan(await execOn(reached, reached.select("n2"), argv, {}))).toBe(1);
	});

	it("shows lines as they come, not at the end", async () => {
		const reached = await lab.open();
		const stop = new AbortController();
		const argv = ["sh", "-c", "echo first; sleep 60; echo second"];
		const seen: string[] = [];
		const onNodeLine = (_: string, line: string) => {
			seen.push(line);
			stop.abort();
		};
		await expect(execOn(reached, reached.select("n1"), argv, { onNodeLine, signal: stop.signal })).rejects.toThrow("interrupted");
		expect(seen).toEqual(["first"]);
	});

	it("knows the nodes' names", async () => {
		const reached = await lab.open();
		expect(() => reached.select("n[1-3]")).toThrow(UserError);
		expect(() => reached.select("m1")).toThrow(/no node is called "m1"/);
	});
});
