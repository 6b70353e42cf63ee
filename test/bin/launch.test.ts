import { spawn } from "node:child_process";
import {
	cpSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A checkout as small as the launcher takes it: its own bin/, one source file, an empty lock, and esbuild. */
let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), "launch-"));
	cpSync(resolve("bin"), join(root, "bin"), { recursive: true });
	writeJson("package.json", { name: "small", type: "module" });
	writeJson("package-lock.json", { packages: { "": {} } });
	source('console.log("one", ...process.argv.slice(2));');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function writeJson(name: string, value: object): void {
	writeFileSync(join(root, name), JSON.stringify(value));
}

function source(text: string): void {
	mkdirSync(join(root, "builder/cli"), { recursive: true });
	writeFileSync(join(root, "builder/cli/main.ts"), text);
}

/** node_modules as npm ci would leave it. */
function modules(packages: object = {}): void {
	mkdirSync(join(root, "node_modules"), { recursive: true });
	symlinkSync(resolve("node_modules/esbuild"), join(root, "node_modules/esbuild"));
	writeJson("node_modules/.package-lock.json", { packages });
}

/** An npm that notes its arguments, installs what it is told to, and ends with `code`. */
function fakeNpm(code: number): NodeJS.ProcessEnv {
	mkdirSync(join(root, "fake"));
	const install = `mkdir -p node_modules; ln -s ${resolve("node_modules/esbuild")} node_modules/esbuild; echo '{"packages":{}}' > node_modules/.package-lock.json`;
	const script = `#!/bin/sh\necho "$@" >> ${root}/npm-calls; echo noise; sleep 0.2\n[ ${code} = 0 ] && { ${install}; }\nexit ${code}\n`;
	writeFileSync(join(root, "fake/npm"), script, { mode: 0o755 });
	const { npm_execpath: _, ...env } = process.env;
	return { ...env, PATH: `${root}/fake:${process.env.PATH}` };
}

const npmCalls = () => readFileSync(join(root, "npm-calls"), "utf8").trim().split("\n");

function start(args: string[] = [], env: NodeJS.ProcessEnv = process.env, program = "bin/clusteros.mjs") {
	const child = spawn(process.execPath, [join(root, program), ...args], { env, cwd: tmpdir() });
	const said = { out: "", err: "" };
	child.stdout.on("data", (data) => {
		said.out += data;
	});
	child.stderr.on("data", (data) => {
		said.err += data;
	});
	return new Promise<{ out: string; err: string; code: number | null }>((done) =>
		child.on("close", (code) => done({ ...said, code })),
	);
}

describe("a bare clone", () => {
	it("is set up once, however many start at once, and standard output stays clean", async () => {
		const env = fakeNpm(0);
		const results = await Promise.all([start(["a", "b c"], env), start(["--json"], env), start([], env)]);
		expect(results.map(({ out }) => out)).toEqual(["one a b c\n", "one --json\n", "one\n"]);
		expect(results.map(({ code }) => code)).toEqual([0, 0, 0]);
		expect(npmCalls()).toEqual([expect.stringMatching(/^ci --include=dev /)]);
	});

	it("says what to do when npm ci fails", async () => {
		const { out, err, code } = await start([], fakeNpm(7));
		expect({ out, code }).toEqual({ out: "", code: 3 });
		expect(err).toMatch(/npm ci failed \(exit code 7\)[\s\S]*registry/);
	});
});

describe("a checkout that is set up", () => {
	beforeEach(() => modules());

	it("says nothing the second time", async () => {
		expect((await start()).err).toMatch(/bundling/);
		expect(await start(["x"])).toEqual({ out: "one x\n", err: "", code: 0 });
	});

	it("follows its sources, and names the line that cannot be bundled", async () => {
		await start();
		source('console.log("two");');
		expect((await start()).out).toBe("two\n");
		source("const broken = ;");
		const { err, code } = await start();
		expect(err).toMatch(/builder\/cli\/main\.ts:1:\d+: ERROR/);
		expect(code).toBe(3);
	});

	it("keeps chunks that a running command may still load, for a day", async () => {
		writeFileSync(join(root, "builder/cli/late.ts"), 'export const late = "late";');
		source('const { late } = await import("./late.ts"); console.log(late);');
		expect((await start()).out).toBe("late\n");
		const chunks = () => readdirSync(join(root, "dist")).filter((name) => name.startsWith("chunk-"));
		const [old] = chunks();
		writeFileSync(join(root, "builder/cli/late.ts"), 'export const late = "later";');
		expect((await start()).out).toBe("later\n");
		expect(chunks()).toContain(old);
		const longAgo = new Date(Date.now() - 2 * 86_400_000);
		utimesSync(join(root, "dist", old!), longAgo, longAgo);
		source('const { late } = await import("./late.ts"); console.log(late, 2);');
		expect((await start()).out).toBe("later 2\n");
		expect(chunks()).not.toContain(old);
	});

	it("starts build as build-image", async () => {
		expect((await start(["-p", "slurm"], process.env, "bin/build-image.mjs")).out).toBe("one build -p slurm\n");
	});
});

describe("node_modules against the lock", () => {
	const lock = (packages: object) => {
		writeJson("package-lock.json", { packages: { "": {}, ...packages } });
		const later = new Date(Date.now() + 60_000);
		utimesSync(join(root, "package-lock.json"), later, later);
	};

	it("is left alone when only times differ, or an optional package of another platform is not there", async () => {
		modules({ "node_modules/a": { version: "1.0.0", integrity: "x" } });
		const env = fakeNpm(1);
		lock({ "node_modules/a": { version: "1.0.0", integrity: "x" }, "node_modules/mac": { version: "1.0.0", optional: true } });
		expect((await start([], env)).code).toBe(0);
	});

	it.each([
		["another version", { "node_modules/a": { version: "1.0.1", integrity: "y" } }],
		["a package more", { "node_modules/a": { version: "1.0.0", integrity: "x" }, "node_modules/b": { version: "1.0.0" } }],
	])("is installed again for %s", async (_, packages) => {
		modules({ "node_modules/a": { version: "1.0.0", integrity: "x" } });
		const env = fakeNpm(1);
		lock(packages);
		expect((await start([], env)).code).toBe(3);
		expect(npmCalls()).toHaveLength(1);
	});
});

describe("an installed package", () => {
	it("runs its dist/ as it is, and looks at nothing else", async () => {
		rmSync(join(root, "builder"), { recursive: true });
		rmSync(join(root, "package-lock.json"));
		mkdirSync(join(root, "dist"));
		writeFileSync(join(root, "dist/clusteros.js"), 'console.log("shipped", process.argv[2]);');
		expect(await start(["x"])).toEqual({ out: "shipped x\n", err: "", code: 0 });
	});
});
