import type { Bench } from "../bench.ts";
import { type Outcome, type Row, ratio } from "../row.ts";
import { medianSeconds } from "../statistics.ts";

/** Everything that makes machines a cluster may cost half of what it costs to boot them. */
export const up: Row = { id: "up", title: "from `up` to a job on all nodes done", part: "cluster", inQuick: false, run };

async function run(bench: Bench): Promise<Outcome> {
	const { nodes } = bench.options;
	const { rounds, bare, accel } = await bench.clusters();
	const cold = rounds.map((round) => round.cold);
	const name = `${nodes} bare VMs to the login prompt`;
	return {
		sides: { [`${nodes} nodes`]: cold, [`${nodes} bare VMs`]: bare },
		verdicts: [ratio(medianSeconds(cold), medianSeconds(bare), 1.5, name)],
		notes: [
			`the job is \`srun -N${nodes} hostname\` by an ordinary user`,
			accel === "kvm" ? "under KVM" : "without KVM: guests are emulated",
		],
	};
}
