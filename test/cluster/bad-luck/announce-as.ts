import { createPrivateKey } from "node:crypto";
import { readCluster, readSecrets } from "../../../cluster/describe/read.ts";
import { seedSecretsOf } from "../../../cluster/describe/seed.ts";
import type { Announcement } from "../../../core/contract/seed.ts";
import { openAnnouncement, sealAnnouncement } from "../../../core/node/announce.ts";
import type { Living } from "./living.ts";
import type { Stranger } from "./stranger.ts";

/** Serf's RPC key, as root of the machine has it. */
const WITH_KEY = `SERF_RPC_AUTH=$(sed -n 's/.*"rpc_auth" *: *"\\([^"]*\\)".*/\\1/p' /etc/clusteros/serf.json); export SERF_RPC_AUTH`;

/** Has a machine announce what its agent never would, under its own identity and the cluster's key: root there can. */
export async function announceAs(
	lab: Living,
	liar: Stranger,
	claim: Pick<Announcement, "name" | "mesh" | "roles">,
): Promise<void> {
	const described = await readCluster(lab.dir);
	const { keys } = seedSecretsOf(described, await readSecrets(lab.dir), []);
	const { key, generation } = keys.find(({ purpose }) => purpose === "announce")!;
	const announceKey = { generation, key: Buffer.from(key, "base64") };
	const identity = createPrivateKey(await liar.root("cat /var/lib/clusteros/identity.key"));
	const [own] = JSON.parse(await liar.root(`${WITH_KEY}; serf members -format=json -name "$(hostname)\\..*"`)).members;
	const said = openAnnouncement(own.tags, [announceKey]);
	if (!said.ok) throw new Error(`what it announces now does not hold: ${said.reason}`);
	const tags = sealAnnouncement({ ...said.announcement, ...claim, seq: said.announcement.seq + 1000 }, identity, announceKey);
	const sets = Object.entries(tags).map(([tag, value]) => `-set '${tag}=${value}'`);
	await liar.root(`${WITH_KEY}; serf tags ${sets.join(" ")}`);
}
