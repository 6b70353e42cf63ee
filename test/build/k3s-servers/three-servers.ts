import { readFile } from "node:fs/promises";
import { readCluster, readSecrets } from "../../../cluster/describe/read.ts";
import { seedFor } from "../../../cluster/describe/seed.ts";
import { cli, type Running } from "../support/cli.ts";
import type { Room } from "../support/room.ts";
import { type Machine, threeMachines } from "./three-machines.ts";

/** The three controllers of a described cluster. */
export interface ThreeServers {
	/** All of them are gone once this is disposed. */
	readonly running: Running;
	readonly c1: Machine;
	readonly c2: Machine;
	readonly c3: Machine;
}

/** Describes the cluster with `config` for its k3s and lays the machines' disks, all of them off. */
export async function threeServers(at: Room, k3s: string, config: string): Promise<ThreeServers> {
	const { code, stderr } = await cli(["init", at.path("lab"), "--nodes", "3", "--controllers", "3"]);
	if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
	const text = await readFile(at.path("lab/cluster.toml"), "utf8");
	await at.write({ "lab/cluster.toml": text.replace(/^\[k3s\]$/m, `[k3s]\nconfig = """\n${config}"""`) });
	const described = await readCluster(at.path("lab"));
	const secrets = await readSecrets(at.path("lab"));
	const disks = described.nodes.map(({ name, mesh }) => {
		const seed = seedFor(described, secrets, { node: name }, { generation: 1 });
		return { name, address: `${mesh}/16`, seed };
	});
	const { running, machines } = await threeMachines(at, k3s, disks);
	const [c1, c2, c3] = machines as [Machine, Machine, Machine];
	return { running, c1, c2, c3 };
}
