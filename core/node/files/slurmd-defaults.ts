import { slurmReservation } from "../shares.ts";
import type { NodeFile, NodeView } from "../types.ts";
import { gresOf } from "./gres.ts";
import { asFile, notice } from "./notice.ts";
import { SLURMCTLD_PORT, slurmController } from "./slurm-controller.ts";
import { featuresOf } from "./slurm-partitions.ts";

/** slurmd's options: it asks the controller for the configuration and adds itself to the nodes, with what it has to offer. */
export function slurmdDefaults(view: NodeView): NodeFile {
	const { cluster, self } = view;
	const { partitions, gres } = cluster.slurm;
	const features = featuresOf(partitions, self.name);
	const resources = gresOf(gres, self.name);
	const offers = [
		...(features.length > 0 ? [`Feature=${features.join(",")}`] : []),
		...(resources === undefined ? [] : [`Gres=${resources}`]),
		...slurmReservation(view),
	];
	const server = `${slurmController(cluster).name}:${SLURMCTLD_PORT}`;
	// systemd heeds quotes when it splits a variable into words (systemd.service(5)).
	const conf = offers.length > 0 ? ` --conf '${offers.join(" ")}'` : "";
	const lines = [notice(), `SLURMD_OPTIONS="-Z --conf-server ${server} -N ${self.name}${conf}"`];
	return { path: "/etc/default/slurmd", content: asFile(lines), mode: 0o644 };
}
