import { type Described, readCluster, readSecrets } from "../../cluster/describe/read.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import type { Acceleration } from "../../qemu/accel.ts";
import { type Image, mustBeSameImage, readImage } from "../../qemu/cluster/image.ts";
import { withLock } from "../../qemu/cluster/lock.ts";
import { readClusterState, runningMachines } from "../../qemu/cluster/state.ts";
import { downCluster, dropMachines } from "../../qemu/cluster/stop.ts";
import { defaultCacheDir } from "../store/layout.ts";
import { stateFolder } from "./test-cluster.ts";
import { chooseAcceleration } from "./up-accel.ts";
import { imageFor } from "./up-image.ts";
import { strayMachines } from "./up-nodes.ts";
import type { UpOptions } from "./up-options.ts";

/** All that `up` has read before it changes anything. */
export interface Surroundings {
	readonly shown: string;
	/** State folder. */
	readonly dir: string;
	readonly described: Described;
	readonly secrets: SecretsFile;
	readonly image: Image;
	readonly before: ClusterState | undefined;
	/** Names of the machines that run. */
	readonly running: readonly string[];
}

/** Reads all that `up` needs; changes nothing. @throws UserError. */
export async function lookAround(shown: string, options: UpOptions): Promise<Surroundings> {
	const described = await readCluster(shown);
	const secrets = await readSecrets(shown);
	const dir = stateFolder(shown);
	const before = await readClusterState(dir);
	const image = await readImage(imageFor(described.dir, options.image, described.cluster.image));
	if (before && before.id !== described.cluster.id) throw otherCluster(shown);
	if (before && before.image !== image.file) throw otherImage(before, image, shown);
	if (before) await mustBeSameImage(before);
	const running = before ? [...(await runningMachines(before)).keys()] : [];
	return { shown, dir, described, secrets, image, before, running };
}

function otherCluster(shown: string): UserError {
	const message = "cluster.toml has another id than the test cluster that is in this folder";
	return new UserError("failed", { message, fix: `clusteros down ${quote(shown)}, then start again` });
}

function otherImage(before: ClusterState, image: Image, shown: string): UserError {
	const message = `this cluster's disks are made over ${before.image}, not over ${image.file}`;
	return new UserError("failed", { message, fix: `clusteros down ${quote(shown)} gives them up; then start again` });
}

/** Ends the machines that cluster.toml names no longer and removes their disks, after saying so. */
export async function dropStrays(around: Surroundings, print: (line: string) => void): Promise<Surroundings> {
	const { before, dir, described } = around;
	const stray = strayMachines(described, before);
	if (!before || stray.length === 0) return around;
	print(`not in cluster.toml any more: ${stray.join(", ")}; they are ended and their disks removed`);
	if (stray.length < before.machines.length) {
		const left = await withLock(dir, () => dropMachines(dir, before, stray));
		return { ...around, before: left, running: around.running.filter((name) => !stray.includes(name)) };
	}
	await withLock(dir, () => downCluster(dir, before, true));
	return { ...around, before: undefined, running: [] };
}

/** Machines that run keep their accelerator: it is in their seeds, and nobody can change it under them. */
export async function accelerationFor({ accel }: UpOptions, { running, before }: Surroundings): Promise<Acceleration> {
	if (running.length > 0 && before && accel === "auto") return { accel: before.accel, reason: "it runs already" };
	const chosen = await chooseAcceleration(accel, defaultCacheDir(process.env));
	if (running.length === 0 || !before || chosen.accel === before.accel) return chosen;
	const message = `this cluster runs under ${before.accel}, not ${chosen.accel}`;
	throw new UserError("failed", { message, fix: "stop it first: clusteros stop" });
}
