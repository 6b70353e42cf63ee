import type { NodeStatus } from "../core/contract/status.ts";

/** What each state is about, and what helps when it lasts. */
const STATES: Readonly<Record<NodeStatus["state"], readonly [does: string, help: string]>> = {
	booted: ["waits for a seed, which tells it what cluster it belongs to", "clusteros seed makes one; see what it waits for"],
	identify: ["finds out who it is in its cluster", "the seed in /etc/clusteros: cluster.json and secrets.json"],
	discover: ["looks for the other nodes", "journalctl -b -u clusteros-serf; ip address; is the LAN's cable in?"],
	mesh: ["shakes hands with a controller over WireGuard", "sudo wg show wg0; UDP must pass between the nodes' LAN addresses"],
	names: ["writes the members' names into /etc/hosts", "journalctl -b -u clusteros-agent"],
	munge: ["starts munge with the cluster's key, clocks agreeing", "journalctl -b -u munge; chronyc sources"],
	slurm: ["starts SLURM", "journalctl -b -u slurmd -u slurmctld; on the controller: sinfo -R"],
	k3s: ["starts k3s", "journalctl -b -u k3s-server -u k3s-agent; on the first controller: sudo kubectl get nodes"],
	ready: ["does its part in the cluster", ""],
};

/** What the node does, what it waits for and what helps, for people. */
export function explain(status: NodeStatus): string {
	const { name, state, reason, members = [], refused = [], cluster } = status;
	const [does, help] = STATES[state];
	const alive = members.filter((one) => one.alive).length;
	const lines = [
		`${name} ${cluster ? `of cluster ${cluster} ` : ""}is in state ${state}: it ${does}.`,
		...(reason ? [sentence(reason)] : []),
		...(help && (reason || state !== "ready") ? [`Look at: ${help}`] : []),
		...(cluster ? [`Others: ${alive} of ${members.length} that are known answer.`] : []),
		...members.filter((one) => !one.alive).map((one) => `${one.name} does not answer.`),
		...refused.map((one) => `Refused: ${one.name} (${one.id}): ${one.reason}.`),
	];
	return lines.join("\n");
}

function sentence(reason: string): string {
	if (reason.startsWith("waiting: ")) return `It waits: ${reason.slice("waiting: ".length)}.`;
	if (reason.startsWith("failed: "))
		return `The last try failed: ${reason.slice("failed: ".length)}. It is tried again every 5 s.`;
	return `${reason}.`;
}
