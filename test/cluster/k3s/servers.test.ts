import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { KUBECTL } from "../../../core/node/k3s-paths.ts";
import { acceleration } from "../../boot/accel.ts";
import { Living } from "../bad-luck/living.ts";
import { clusteros, mustClusteros } from "../clusteros.ts";
import { K3S } from "./kube.ts";

/** Three servers that keep their data in etcd, as machines of their own; test/build/k3s-servers shows them without machines. */

const SERVERS = ["c1", "c2", "c3"];
const { accel, reason } = await acceleration();
const why = !K3S ? "no CLUSTEROS_K3S" : accel === "kvm" ? "" : `three servers are too much for emulation: ${reason}`;

describe.skipIf(why !== "")(`three k3s servers as machines${why && ` (skipped: ${why})`}`, () => {
	let root: string;
	let lab: Living;

	beforeAll(async () => {
		root = await mkdtemp(join(tmpdir(), "clusteros-servers-"));
		const dir = join(root, "lab");
		await mustClusteros("init", dir, "--nodes", "3", "--controllers", "3");
		await mustClusteros("up", dir, "--image", inject("image"));
		lab = await Living.open(dir);
	});
	afterAll(async () => {
		await clusteros("down", join(root, "lab"), "--now");
		await rm(root, { recursive: true, force: true });
	});

	const kubectl = (node: string, ...argv: string[]) => lab.root(node, [...KUBECTL, "--request-timeout=20s", ...argv].join(" "));
	const write = (node: string, name: string) => kubectl(node, "create", "configmap", name);
	const has = (node: string, name: string) => kubectl(node, "get", "configmap", name, "--output=name");

	async function allReady(seen: string): Promise<void> {
		await lab.until(`three servers ready, as ${seen} sees them`, SERVERS, 180, async () => {
			const lines = (await kubectl(seen, "get", "nodes", "--no-headers")).trim().split("\n");
			return lines.length === 3 && lines.every((line) => /\sReady\s+\S*etcd/.test(line));
		});
	}

	it("come up together, and each has what another one has written", async () => {
		await allReady("c3");
		await write("c1", "all");
		for (const node of SERVERS) expect(await has(node, "all")).toContain("configmap/all");
	});

	it("go on writing when the first one is killed, which returns and has it", async () => {
		await lab.fault("c1", { kind: "kill" });
		await lab.until("a write through c2", "c2", 60, () => write("c2", "while-two"));
		await mustClusteros("start", lab.dir, "c1");
		await allReady("c1");
		expect(await has("c1", "while-two")).toContain("configmap/while-two");
	});

	it("let the first one, written anew, in again once it is readmitted, with all data", async () => {
		await lab.writtenAnew("c1", "c[23]");
		await allReady("c1");
		for (const name of ["all", "while-two"]) expect(await has("c1", name)).toContain(`configmap/${name}`);
	});
});
