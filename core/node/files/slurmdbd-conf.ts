import type { NodeFile, NodeView } from "../types.ts";
import { asFile, notice } from "./notice.ts";
import { slurmController } from "./slurm-controller.ts";

/**
 * The accounting daemon, beside slurmctld. It has no password: MariaDB knows the user slurm by its socket, and slurmctld is
 * known by munge. slurmdbd refuses a file that others than its user may read.
 */
export function slurmdbdConf({ cluster }: NodeView): NodeFile {
	const lines = [
		notice(),
		`DbdHost=${slurmController(cluster).name}`,
		"SlurmUser=slurm",
		"PidFile=/run/slurmdbd/slurmdbd.pid",
		`MessageTimeout=${Math.min(Math.ceil(10 * cluster.slow), 100)}`,
		"StorageType=accounting_storage/mysql",
		"StorageHost=localhost",
		"StorageUser=slurm",
		"StorageLoc=slurm_acct_db",
	];
	return { path: "/etc/slurm/slurmdbd.conf", content: asFile(lines), mode: 0o600, owner: "slurm:slurm" };
}
