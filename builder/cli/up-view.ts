import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { compressHostlist } from "../../core/node/hostlist.ts";
import type { NodeView } from "../../qemu/cluster/console-lines.ts";
import { table } from "../ui/format.ts";
import type { Paint } from "../ui/paint.ts";

/** One node while the cluster starts. */
export interface Row {
	readonly name: string;
	readonly roles: readonly string[];
	/** `off`: its QEMU has ended. */
	readonly state: NodeView["state"] | "off";
	readonly mesh: string;
	readonly reason: string;
	/** When it came into this state, in seconds since the start. */
	readonly at: number;
}

/** `accel tcg (why) · 3 nodes × 1 vCPU, 1.0 GiB · LAN 192.168.77.0/24` */
export function factsLine(state: ClusterState, reason: string): string {
	const shapes = new Map<string, string[]>();
	for (const { name, cpus, memory } of state.machines) {
		const shape = `${cpus} vCPU, ${(memory / 1024).toFixed(1)} GiB`;
		shapes.set(shape, [...(shapes.get(shape) ?? []), name]);
	}
	const nodes = [...shapes].map(([shape, names]) =>
		shapes.size === 1
			? `${names.length} ${names.length === 1 ? "node" : "nodes"} × ${shape}`
			: `${compressHostlist(names)}: ${shape}`,
	);
	const net = state.net === "nat" ? " · nodes reach what this machine reaches" : "";
	return `accel ${state.accel} (${reason}) · ${nodes.join(" · ")} · LAN ${state.network}${net}`;
}

/** The whole table, a row a node. */
export function tableLines(rows: readonly Row[], now: number, paint: Paint): string[] {
	const head = ["node", "roles", "state", "mesh", "since", ""].map((word) => paint("dim", word));
	const lines = rows.map((row) => [
		row.name,
		row.roles.join(","),
		paint(colourOf(row), row.state),
		row.mesh,
		`${Math.round(row.state === "ready" ? row.at : now)} s`,
		row.state === "ready" ? "" : row.reason,
	]);
	return table([head, ...lines]).split("\n");
}

/** A state change as one line, for logs and pipes. */
export function changeLine({ name, state, mesh, reason, at }: Row, paint: Paint): string {
	const address = mesh === "-" ? "" : `  ${mesh}`;
	return `${name}  ${paint(colourOf({ state, reason }), state)}${address}  ${Math.round(at)} s  ${reason}`.trimEnd();
}

function colourOf({ state, reason }: Pick<Row, "state" | "reason">): "good" | "bad" | "warning" {
	if (state === "ready") return "good";
	return state === "off" || reason.startsWith("failed") ? "bad" : "warning";
}

/** Why the cluster is not ready: each node, what it waits for, its last words and where the rest is. */
export function notReadyLines(rows: readonly Row[], tails: ReadonlyMap<string, readonly string[]>, paint: Paint): string[] {
	return rows
		.filter(({ state }) => state !== "ready")
		.flatMap(({ name, state, reason }) => {
			const what = { off: "its machine has ended", starting: "not a word from its kernel", booting: "its agent has not started" };
			const why = reason || what[state as keyof typeof what] || "";
			const tail = tails.get(name) ?? [];
			return [`${paint("bad", name)}  ${state}  ${why}`.trimEnd(), ...tail.map((line) => `  ${paint("dim", "|")} ${line}`)];
		});
}
