import { createHash } from "node:crypto";
import type { Described } from "../../cluster/describe/types.ts";
import type { Reached } from "../../cluster/reach/types.ts";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { type NodeStatus, nodeStatus } from "../../core/contract/status.ts";
import { poll } from "../../core/deadline.ts";
import { UserError } from "../../core/errors.ts";
import { canonical } from "../../core/node/canonical.ts";
import { run } from "../../core/process/run.ts";
import { saveSnapshots } from "../../qemu/cluster/snapshot.ts";
import { forgetWarm, type WarmKey, writeWarm } from "../../qemu/cluster/warm.ts";
import { askStatus } from "./up-wait.ts";

/** What a snapshot of this cluster would depend on. */
export async function warmKeyOf(described: Described, secrets: SecretsFile, state: ClusterState): Promise<WarmKey> {
	const { cluster, nodes, users } = described;
	const { image: _, ...rest } = cluster;
	const { machines, accel, net, kernel } = state;
	// Ports are the host's business: the guests do not know them.
	const shape = machines.map(({ name, cpus, memory, management, lan, serial }) => {
		return { name, cpus, memory, management, mac: lan.mac, address: lan.address, serial: serial ?? null };
	});
	const { stdout } = await run(["qemu-system-x86_64", "--version"], { doing: "asking QEMU for its version" });
	return {
		image: digest([state.image, state.stamp ?? null]),
		cluster: digest(plain([rest, nodes, users])),
		secrets: digest(plain(secrets)),
		shape: digest(plain([shape, accel, net, kernel ?? null])),
		qemu: stdout.split("\n")[0]!,
	};
}

function digest(value: unknown): string {
	return createHash("sha256").update(canonical(value)).digest("hex");
}

/** Without keys whose value is undefined. */
function plain(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value));
}

/** Keeps the ready cluster; seconds that it took. */
export async function keepWarm(dir: string, state: ClusterState, key: WarmKey): Promise<number> {
	const began = performance.now();
	await forgetWarm(dir);
	await saveSnapshots(state);
	await writeWarm(dir, new Date(), key);
	return (performance.now() - began) / 1000;
}

/** Sets the clock to `$1`, tells chrony that it was no drift, and says how the agent stands: one command, since each costs seconds under emulation. */
const WAKE = 'date -s "$1" >/dev/null; chronyc makestep >/dev/null 2>&1; cat /run/clusteros/status.json';

/**
 * Puts the clock of a resumed node right, which stands where the snapshot was made, and waits until the node is ready again.
 * @throws UserError when it is not within `timeout` ms.
 */
export async function wakeNode(reach: Reached, node: string, timeout: number, signal: AbortSignal): Promise<NodeStatus> {
	const link = reach.link(node);
	// The first connection takes a second or more: the time is read after it, and then travels in milliseconds.
	const connect = () =>
		link.run(["true"], { timeout: 60_000, signal }).then(
			() => true,
			() => (signal.aborted ? false : undefined),
		);
	const answered = await poll(connect, { timeout, every: 200, signal });
	if (answered) {
		const clock = `@${(Date.now() / 1000).toFixed(3)}`;
		const { stdout } = await link.run(["sh", "-c", WAKE, "sh", clock], { as: "root", signal, doing: `waking ${node}` });
		const ready = (status?: NodeStatus) => (status?.state === "ready" ? status : undefined);
		const first = ready(nodeStatus.safeParse(JSON.parse(stdout)).data);
		if (first) return first;
		const status = await poll(async () => ready(await askStatus(reach, node, signal)), { timeout, every: 500, signal });
		if (status) return status;
	}
	throw new UserError("failed", {
		message: `${node} was resumed and ${answered ? "is not ready" : "does not answer"} after ${Math.round(timeout / 1000)} s`,
		fix: "stop the cluster and start it without --warm: it then boots from its disks",
	});
}
