import type { NodeFile, NodeView } from "../types.ts";
import { asFile, notice, siteLines } from "./notice.ts";

/** What jobs are held to: their processors and their memory, with no swap beyond it. */
export function cgroupConf({ cluster }: NodeView): NodeFile {
	const lines = [
		notice("[slurm.cgroup] extra"),
		"CgroupPlugin=autodetect",
		"ConstrainCores=yes",
		"ConstrainRAMSpace=yes",
		"ConstrainSwapSpace=yes",
		"AllowedSwapSpace=0",
		...siteLines("[slurm.cgroup] extra", cluster.slurm.cgroup),
	];
	return { path: "/etc/slurm/cgroup.conf", content: asFile(lines), mode: 0o644 };
}
