import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { type Manifest, manifest } from "../../core/contract/manifest.ts";
import { run } from "../../core/process/run.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** The qcow2 that the suites boot. */
		image: string;
	}
}

/** Vitest's global setup of the boot tier: takes CLUSTEROS_IMAGE, or builds the image once for all suites. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
	const given = process.env.CLUSTEROS_IMAGE;
	if (given) {
		project.provide("image", resolve(given));
		return undefined;
	}
	const out = await mkdtemp(join(tmpdir(), "clusteros-boot-"));
	project.provide("image", await build(out));
	return () => rm(out, { recursive: true, force: true });
}

/**
 * Debian, since its archive is the one that is reached everywhere; the same steps make the Ubuntu image. With k3s too where
 * CLUSTEROS_K3S names its program (docs/k3s.md), which the build then takes.
 */
async function build(out: string): Promise<string> {
	const program = join(import.meta.dirname, "../../bin/build-image.mjs");
	const profile = process.env.CLUSTEROS_K3S ? "hybrid" : "slurm";
	const words = ["--profile", profile, "--base", "debian-13", "--format", "qcow2", "--out", out];
	await run([process.execPath, program, ...words], {
		doing: "building the image to boot",
		onLine: (line, from) => from === "stderr" && process.stderr.write(`${line}\n`),
	});
	return join(out, `${profile}-debian-13-amd64.qcow2`);
}

/** The manifest that lies beside an image. */
export async function readManifest(image: string): Promise<Manifest> {
	return manifest.parse(JSON.parse(await readFile(image.replace(/\.qcow2$/, ".manifest.json"), "utf8")));
}
