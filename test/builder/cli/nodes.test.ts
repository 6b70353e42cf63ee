import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { makeProgram } from "../../../builder/cli/program.ts";
import { usageError } from "../../../builder/cli/usage.ts";
import { exitCodeOf } from "../../../core/errors.ts";
import { type Lab, startLab, statusOf } from "../../cluster/unit/support/lab.ts";
import { withSshd } from "../../cluster/unit/support/servers.ts";
import { standIn, written } from "../../cluster/unit/support/sshd.ts";

withSshd("commands on nodes", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1"], ["n2"]);
		vi.stubEnv("XDG_RUNTIME_DIR", lab.env.XDG_RUNTIME_DIR);
		// Ready since this very second, so that rotate sees that something has happened.
		const agent = (name: string) =>
			`case $1 in status) echo '${statusOf(name)}' | sed "s/10:00:00/10:00:$(date +%S)/";; *) echo "$@" | tee "$NODE_DIR/order";; esac`;
		for (const sshd of Object.values(lab.sshds)) await standIn(sshd, "clusteros-agent", agent(sshd.name));
	});
	afterAll(async () => {
		vi.unstubAllEnvs();
		await lab[Symbol.asyncDispose]();
	});
	afterEach(() => vi.restoreAllMocks());

	/** What `clusteros COMMAND LAB REST` prints, and its exit code. */
	async function clusteros(command: string, ...rest: string[]) {
		const said = { stdout: "", stderr: "" };
		for (const stream of ["stdout", "stderr"] as const) {
			vi.spyOn(process[stream], "write").mockImplementation((text) => {
				said[stream] += text;
				return true;
			});
		}
		const words = [command, lab.dir, ...rest];
		process.exitCode = 0;
		try {
			const program = await makeProgram(words, { signal: new AbortController().signal });
			await program.parseAsync(words, { from: "user" });
			return { ...said, code: Number(process.exitCode) };
		} catch (error) {
			return { ...said, code: exitCodeOf(usageError(error)), error: String(usageError(error)) };
		} finally {
			process.exitCode = 0;
			vi.restoreAllMocks();
		}
	}

	it("exec: raw for one node, with names for several, exit codes as the command's", async () => {
		expect(await clusteros("exec", "n1", "--", "hostname")).toEqual({ stdout: "n1\n", stderr: "", code: 0 });
		const several = await clusteros("exec", "c1,n1", "--", "sh", "-c", "hostname; echo no >&2; exit 4");
		expect(several.stdout.split("\n").sort()).toEqual(["", "c1: c1", "n1: n1"]);
		expect(several.stderr).toContain("n1: no\n");
		expect(several.stderr).toContain("n1: exit code 4\n");
		expect(several.code).toBe(1);
		expect(await clusteros("exec", "n1", "--", "sh", "-c", "exit 4")).toMatchObject({ stdout: "", stderr: "", code: 4 });
	});

	it("exec: says who was not reached, also as JSON", async () => {
		const words = await clusteros("exec", "all", "--", "hostname");
		expect(words.code).toBe(1);
		expect(words.stderr).toMatch(/^error: n2 cannot be reached: nobody answers/m);
		const { stdout, code } = await clusteros("exec", "n[1-2]", "--json", "--", "hostname");
		expect(JSON.parse(stdout)).toMatchObject({
			version: 1,
			nodes: [
				{ name: "n1", exitCode: 0, stdout: "n1" },
				{ name: "n2", exitCode: null, problem: expect.stringMatching(/cannot be reached/) },
			],
		});
		expect(code).toBe(1);
	});

	it.each([
		[["n1"], /which command/],
		[["n1", "--root", "--user", "ada", "--", "id"], /not both/],
		[["n1", "--timeout", "soon", "--", "id"], /not a number of seconds: "soon"/],
		[["n9", "--", "id"], /no node is called "n9"/],
	])("exec: refuses %j", async (words, why) => {
		expect(await clusteros("exec", ...words)).toMatchObject({ code: 2, error: expect.stringMatching(why) });
	});

	it("status: a line a node; exit code 1 because of the one that is off", async () => {
		const { stdout, code } = await clusteros("status");
		expect(stdout.split("\n").map((line) => line.split(/ {2,}/).slice(0, 4).join("|"))).toEqual([
			"node|roles|state|mesh",
			"c1|controller,worker|ready|-",
			"n1|worker|ready|-",
			"n2|worker|unreachable|10.90.0.3",
			"n2: is it switched on, and is `reach` in cluster.toml right?",
			"",
		]);
		expect(code).toBe(1);
		expect(await clusteros("status", "c1,n1")).toMatchObject({ code: 0 });
		expect(JSON.parse((await clusteros("status", "n1", "--json")).stdout)).toMatchObject({
			ready: true,
			nodes: [{ name: "n1" }],
		});
	});

	it("ssh: the session's exit code is ours, and it goes to one node", async () => {
		expect(await clusteros("ssh", "n1", "--", "sh", "-c", "exit 9")).toMatchObject({ code: 9 });
		expect(await clusteros("ssh", "n[1-2]")).toMatchObject({ code: 2, error: expect.stringMatching(/one node/) });
	});

	it("cp: to and from, quietly; exit code 1 for the one that is off", async () => {
		const file = join(lab.dir, "file");
		await writeFile(file, "text");
		await mkdir(join(lab.dir, "got"));
		expect(await clusteros("cp", file, `n1:${lab.dir}/there`)).toEqual({ stdout: "", stderr: "", code: 0 });
		const { stderr, code } = await clusteros("cp", `n[1-2]:${lab.dir}/there`, join(lab.dir, "got"));
		expect(await readFile(join(lab.dir, "got/n1/there"), "utf8")).toBe("text");
		expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: n2 cannot be reached/)]);
	});

	it("readmit, approve and forget: a controller is told, and what is left to do is said", async () => {
		expect(await clusteros("readmit", "n2")).toEqual({ stdout: "readmit n2\n", stderr: "", code: 0 });
		const { stdout } = await clusteros("forget", "n2");
		expect(stdout).toMatch(/^forget n2\nn2 is still in .*cluster\.toml: take it out there, too\n$/);
		expect((await clusteros("approve", "node-1f6f0a")).stdout).toBe("approve node-1f6f0a\n");
		expect(await written(lab.sshds.c1!, "order")).toBe("approve node-1f6f0a\n");
		expect(await written(lab.sshds.n1!, "order")).toBe("");
	});

	it("rotate: says who has moved and who has not", async () => {
		const { stdout, stderr, code } = await clusteros("rotate", "--purpose", "munge");
		expect(stdout).toMatch(/^2 of 3 nodes moved · keys in use: serf 1, munge 2, announce 1, dbd 1\n/);
		expect(stdout).toMatch(/^n2 was off \(.*\): when it is back run clusteros rotate \S+ --resume$/m);
		expect(stderr).toMatch(/n2 is left out/);
		expect(code).toBe(1);
		expect(await clusteros("rotate", "--purpose", "mung")).toMatchObject({
			code: 2,
			error: expect.stringMatching(/Known: serf/),
		});
	});

	it("bundle: one file, that nodes are off is no failure", async () => {
		const out = join(lab.dir, "b.tar.gz");
		const { stdout, code } = await clusteros("bundle", "--out", out);
		expect([stdout, code]).toEqual([`${out}   2 of 3 nodes answered\n`, 0]);
		expect(existsSync(out)).toBe(true);
	});

	it("logs: refuses what does not go together, and says when there is no console", async () => {
		expect(await clusteros("logs", "n1", "--serial", "--unit", "ssh")).toMatchObject({ code: 2 });
		expect(await clusteros("logs", "n1", "--serial")).toMatchObject({
			code: 1,
			error: expect.stringMatching(/no serial log of n1/),
		});
		await standIn(lab.sshds.n1!, "journalctl", "echo a line");
		expect(await clusteros("logs", "n1", "--json")).toMatchObject({ stdout: '{"node":"n1","line":"a line"}\n', code: 0 });
	});
});
