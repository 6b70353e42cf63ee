import { isK3sServer } from "./k3s-servers.ts";
import type { NodeView } from "./types.ts";

/** A node that runs SLURM and k3s: what of it is k3s', its own processes included. SLURM has the rest. */
export interface Share {
	readonly memoryMiB: number;
	readonly cpus: number;
}

/** SLURM keeps a part of the node whatever is asked for. */
const MOST = 0.9;
/** MiB that k3s itself takes, containerd included, measured with v1.36.3 as server of five nodes and as agent (docs/k3s.md). */
const OWN = { server: 1024, agent: 360 } as const;

/** k3s' share of a node that runs both; undefined where it is alone, or not there at all. */
export function k3sShare({ cluster: { k3s }, self, facts }: NodeView): Share | undefined {
	if (!facts?.slurm || !facts.k3s || k3s === undefined || !self.roles.includes("worker")) return undefined;
	const share = (asked: string | number, of: number) => Math.min(amount(asked, of), MOST * of);
	return { memoryMiB: Math.floor(share(k3s.memory, facts.memoryMiB)), cpus: share(k3s.cpus, facts.cpus) };
}

/** `50%` of it, `600MiB`, `2GiB`, or a number as it is. */
function amount(asked: string | number, of: number): number {
	const [, number, unit] = /^([\d.]+)(%|MiB|GiB)?$/.exec(String(asked)) ?? [];
	if (unit === "%") return (Number(number) / 100) * of;
	return Number(number) * (unit === "GiB" ? 1024 : 1);
}

/**
 * What slurmd says of itself so that jobs leave k3s its share. Whole cores, and never the last one: a node with one core is
 * shared by time alone.
 */
export function slurmReservation(view: NodeView): string[] {
	const share = k3sShare(view);
	if (share === undefined) return [];
	const { cpus, threads } = view.facts!;
	const cores = Math.min(Math.floor(share.cpus / threads), Math.floor(cpus / threads) - 1);
	return [...(cores > 0 ? [`CoreSpecCount=${cores}`] : []), `MemSpecLimit=${share.memoryMiB}`];
}

/**
 * What kubelet takes off what it gives to pods: SLURM's share, and what k3s itself needs, at most half of its own. Pods as a
 * whole are held to what is left (`kubepods`).
 */
export function kubeletReservation(view: NodeView): string[] {
	const share = k3sShare(view);
	if (share === undefined) return [];
	const { cpus, memoryMiB } = view.facts!;
	const own = OWN[isK3sServer(view.cluster, view.self.name) ? "server" : "agent"];
	return [
		`system-reserved=cpu=${Math.round((cpus - share.cpus) * 1000)}m,memory=${memoryMiB - share.memoryMiB}Mi`,
		`kube-reserved=memory=${Math.min(own, Math.floor(share.memoryMiB / 2))}Mi`,
	];
}
