import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it, onTestFinished } from "vitest";
import { readSecrets } from "../../cluster/describe/read.ts";

/** Packages behave otherwise in a bundle than the other tests see them: one that is CommonJS has no names for import(). */
it("makes k3s' authority as the sources do", { timeout: 60_000 }, async () => {
	const dir = await mkdtemp(join(tmpdir(), "bundle-"));
	onTestFinished(() => rm(dir, { recursive: true, force: true }));
	const { stdout } = await promisify(execFile)(process.execPath, [
		resolve("bin/clusteros.mjs"),
		"init",
		dir,
		"--nodes",
		"1",
		"--json",
	]);
	expect(JSON.parse(stdout)).toMatchObject({ controllers: ["c1"] });
	expect((await readSecrets(dir)).k3s?.ca_cert).toContain("BEGIN CERTIFICATE");
});
