import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { TestProject } from "vitest/node";
import { readClusterState } from "../../qemu/cluster/state.ts";
import provideImage from "../boot/image.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";

declare module "vitest" {
	interface ProvidedContext {
		/** Folder of the cluster of five that the suites share; it is ready, and each suite leaves it so. */
		cluster: string;
	}
}

/**
 * Vitest's global setup of the cluster tier: one cluster of five from `init` and `up`, as a person makes it, for all suites.
 * CLUSTEROS_CLUSTER names one that runs already, and is left running.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
	const given = process.env.CLUSTEROS_CLUSTER;
	if (given) {
		const { image } = (await readClusterState(join(resolve(given), ".clusteros")))!;
		project.provide("cluster", resolve(given));
		project.provide("image", image);
		return undefined;
	}
	const removeImage = await provideImage(project);
	const root = await mkdtemp(join(tmpdir(), "clusteros-cluster-"));
	const dir = join(root, "lab");
	const end = async () => {
		const { exitCode, stdout } = await clusteros("down", dir);
		// Its disks and logs are what there is to look at when it could not be taken down.
		if (exitCode === 0) await rm(root, { recursive: true, force: true });
		else process.stderr.write(`${dir} could not be taken down: ${stdout}\n`);
		await removeImage?.();
	};
	try {
		await mustClusteros("init", dir, "--nodes", "5");
		await mustClusteros("up", dir, "--image", project.getProvidedContext().image);
	} catch (error) {
		await end();
		throw error;
	}
	project.provide("cluster", dir);
	return end;
}
