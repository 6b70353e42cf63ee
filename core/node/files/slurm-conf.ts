import type { SeedCluster } from "../../contract/seed.ts";
import type { NodeFile, NodeView } from "../types.ts";
import { gresTypes } from "./gres.ts";
import { asFile, notice, siteLines } from "./notice.ts";
import { SLURMCTLD_PORT, slurmController } from "./slurm-controller.ts";
import { joinOptions, siteValue } from "./slurm-options.ts";
import { partitionLines } from "./slurm-partitions.ts";

/** Dynamic nodes at most. Tables are sized by it: full mesh and text files are fine to a hundred or so (DESIGN.md). */
const MOST_NODES = 1024;
/** SLURM warns above. */
const LONGEST_MESSAGE_TIMEOUT = 100;

/**
 * The one configuration of all nodes: workers fetch it from the controller, so that nothing in it may depend on who reads it.
 * The same lines serve SLURM 22.05, 23.11 and 24.11.
 */
export function slurmConf({ cluster }: NodeView): NodeFile {
	const { partitions, extra } = cluster.slurm;
	const lines = [
		notice("[slurm] extra"),
		...whoAndWhere(cluster),
		"",
		...jobs,
		"",
		...timeouts(cluster.slow),
		"",
		...accounting(cluster),
		"",
		...partitionLines(partitions),
		...siteLines("[slurm] extra (of a setting given twice SLURM takes the last)", extra),
		"",
		...optionLists(cluster),
	];
	return { path: "/etc/slurm/slurm.conf", content: asFile(lines), mode: 0o644 };
}

function whoAndWhere(cluster: SeedCluster): string[] {
	const { name, mesh } = slurmController(cluster);
	return [
		`ClusterName=${cluster.name}`,
		`SlurmctldHost=${name}(${mesh})`,
		`SlurmctldPort=${SLURMCTLD_PORT}`,
		`SlurmdPort=${SLURMCTLD_PORT + 1}`,
		"SlurmUser=slurm",
		"StateSaveLocation=/var/spool/slurmctld",
		"SlurmdSpoolDir=/var/spool/slurmd",
		"SlurmctldPidFile=/run/slurmctld/slurmctld.pid",
		"SlurmdPidFile=/run/slurm/slurmd.pid",
		"# slurmstepd has no log of its own: without this its errors reach nobody but the job's owner.",
		"SlurmdSyslogDebug=error",
		`MaxNodeCount=${MOST_NODES}`,
		"# Every node is asked directly: a node that comes and goes must not take part in asking others.",
		"TreeWidth=65533",
	];
}

const jobs: readonly string[] = [
	"ProctrackType=proctrack/cgroup",
	"TaskPlugin=task/cgroup,task/affinity",
	"JobAcctGatherType=jobacct_gather/cgroup",
	"SelectType=select/cons_tres",
	"SelectTypeParameters=CR_Core_Memory",
	"# MiB a processor for a job that does not say; without it one job takes the memory of a whole node.",
	"DefMemPerCPU=256",
	"# A node that comes back is taken again, whatever it went down for; one that an admin drained stays drained.",
	"ReturnToService=2",
];

/** Limits that a slow machine reaches without being broken. That of a silent node is mostly about the network: it grows less. */
function timeouts(slow: number): string[] {
	return [
		`MessageTimeout=${Math.min(Math.ceil(10 * slow), LONGEST_MESSAGE_TIMEOUT)}`,
		`BatchStartTimeout=${Math.ceil(10 * slow)}`,
		`SlurmdTimeout=${Math.ceil(60 * Math.sqrt(slow))}`,
	];
}

function accounting(cluster: SeedCluster): string[] {
	if (!cluster.slurm.accounting) return ["AccountingStorageType=accounting_storage/none"];
	return ["AccountingStorageType=accounting_storage/slurmdbd", `AccountingStorageHost=${slurmController(cluster).name}`];
}

/** Settings that are lists, ours and the site's in one: below the site's lines, so that these hold. */
function optionLists(cluster: SeedCluster): string[] {
	const { extra, gres } = cluster.slurm;
	const ours: readonly [string, readonly string[]][] = [
		["SlurmctldParameters", ["enable_configless"]],
		// Without slurmdbd a batch job waits for the backfill's turn (23.11), 30 s by default.
		["SchedulerParameters", ["bf_interval=1", "bf_continue"]],
		["GresTypes", gresTypes(gres)],
	];
	const lists = ours.map(([key, options]) => ({ key, options: joinOptions(options, siteValue(extra, key) ?? "") }));
	return [
		"# Lists of options: ours and those of [slurm] extra, which win.",
		...lists.filter(({ options }) => options.length > 0).map(({ key, options }) => `${key}=${options.join(",")}`),
	];
}
