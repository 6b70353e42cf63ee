import { isK3sServer } from "../k3s-servers.ts";
import type { NodeFile, NodeView } from "../types.ts";
import { cgroupConf } from "./cgroup-conf.ts";
import { chronyFile } from "./chrony.ts";
import { gresConf } from "./gres-conf.ts";
import { hostsFile } from "./hosts.ts";
import { k3sConfig, k3sEnvironment } from "./k3s-config.ts";
import { k3sRegistries, k3sSite } from "./k3s-site.ts";
import { slurmConf } from "./slurm-conf.ts";
import { slurmController } from "./slurm-controller.ts";
import { slurmdDefaults } from "./slurmd-defaults.ts";
import { slurmdbdConf } from "./slurmdbd-conf.ts";

/**
 * Every file that the agent keeps on a node, all of them pure functions of who belongs to the cluster and of the machine: `clusteros test`
 * renders the same and compares. On an image without SLURM those below /etc/slurm and /etc/default/slurmd are left out.
 */
export function nodeFiles(view: NodeView): NodeFile[] {
	return [hostsFile(view), chronyFile(view), ...slurmFiles(view), ...k3sFiles(view)];
}

/** k3s' configuration; none where the image has no k3s, or the cluster no secrets for it. Tokens are apart: they are no part of a view. */
export function k3sFiles(view: NodeView): NodeFile[] {
	const { cluster, self, facts } = view;
	if (!facts?.k3s || cluster.k3s === undefined) return [];
	const isServer = isK3sServer(cluster, self.name);
	const files = [k3sConfig(view, facts), k3sSite(cluster.k3s, isServer), k3sRegistries(cluster.k3s)];
	return isServer ? [...files, k3sEnvironment(view)] : files;
}

/** SLURM's configuration, on all controllers; the first one serves it to the other nodes. */
export function slurmConfiguration(view: NodeView): NodeFile[] {
	return view.self.roles.includes("controller") ? [slurmConf(view), cgroupConf(view), gresConf(view)] : [];
}

function slurmFiles(view: NodeView): NodeFile[] {
	const { cluster, self } = view;
	const accounts = cluster.slurm.accounting && slurmController(cluster).name === self.name;
	return [
		...slurmConfiguration(view),
		...(accounts ? [slurmdbdConf(view)] : []),
		...(self.roles.includes("worker") ? [slurmdDefaults(view)] : []),
	];
}
