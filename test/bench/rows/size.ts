import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { type Outcome, type Row, within } from "../row.ts";
import { PROFILE } from "../sides/ours.ts";

export const size: Row = {
	id: "size",
	title: "compressed qcow2 of `slurm` (kernel=virtual)",
	part: "builds",
	inQuick: false,
	run,
};

async function run(bench: Bench): Promise<Outcome> {
	const { cacheDir, manifest: generic } = await bench.prepared();
	const out = join(bench.scratch, "size-out");
	const { manifest } = await bench.ours.build({ profile: PROFILE, cacheDir, out, args: ["--set", "kernel=virtual"] });
	const bytes = manifest.artifacts[0]!.size;
	const note = `${(generic.artifacts[0]!.size / 1e6).toFixed(0)} MB with the generic kernel`;
	return { sides: {}, verdicts: [within(bytes / 1e6, 260, "MB", 0)], notes: [note] };
}
