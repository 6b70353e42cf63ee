import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Sample } from "../measure.ts";
import { type Outcome, type Row, ratio } from "../row.ts";
import { removeTree } from "../scratch.ts";
import { PROFILE } from "../sides/ours.ts";
import { medianSeconds, rotated } from "../statistics.ts";

/** Everything from nothing, with one exception for all sides: the mirror has been asked before, by the bench's first build. */
export const cold: Row = { id: "cold", title: "cold build to qcow2", part: "builds", inQuick: true, run };

/** Measured once, to be known; the target is compared with the faster one. */
const UNTUNED = "mkosi as it comes";

async function run(bench: Bench): Promise<Outcome> {
	const sides = bench.options.quick ? await fromPreparation(bench) : await alternating(bench);
	const ours = medianSeconds(sides.ClusterOS!);
	const verdicts = [
		...(sides.mkosi ? [ratio(ours, medianSeconds(sides.mkosi), 0.6, "mkosi")] : []),
		ratio(ours, medianSeconds(sides.mmdebstrap!), 1.35, "mmdebstrap"),
	];
	return { sides, verdicts, notes: notes(bench, ours, sides[UNTUNED]) };
}

function notes({ mkosi, withoutMkosi, options }: Bench, ours: number, untuned: readonly Sample[] | undefined): string[] {
	return [
		...(mkosi ? [] : [`no mkosi: ${withoutMkosi}`]),
		...(options.quick
			? ["quick: ours is the bench's first build, mkosi's also left what its incremental builds start from"]
			: []),
		...(untuned ? [`${(ours / medianSeconds(untuned)).toFixed(2)} × mkosi as it comes (with its own initrd; one sample)`] : []),
	];
}

/** Cold builds that the rest of a quick run needs anyway. */
async function fromPreparation(bench: Bench): Promise<Record<string, Sample[]>> {
	const { sample } = await bench.prepared();
	const mkosi = bench.mkosi ? { mkosi: [(await bench.incremental()).first] } : {};
	const tarball = await floor(bench);
	bench.saySample("cold mmdebstrap", tarball);
	return { ClusterOS: [sample], ...mkosi, mmdebstrap: [tarball] };
}

async function alternating(bench: Bench): Promise<Record<string, Sample[]>> {
	const prepared = await bench.prepared();
	const untuned = bench.mkosi ? await bench.mkosi.untuned(prepared, join(bench.scratch, "mkosi-untuned")) : undefined;
	if (untuned) bench.saySample(`cold ${UNTUNED}`, untuned);
	const sides: Record<string, () => Promise<Sample>> = {
		ClusterOS: () => own(bench),
		...(bench.mkosi ? { mkosi: () => bench.mkosi!.cold(prepared, join(bench.scratch, "mkosi-cold")) } : {}),
		mmdebstrap: () => floor(bench),
	};
	const samples: Record<string, Sample[]> = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
	for (let round = 0; round < bench.options.repeat; round++) {
		for (const name of rotated(Object.keys(sides), round)) {
			const sample = await sides[name]!();
			samples[name]!.push(sample);
			bench.saySample(`cold ${name}`, sample);
		}
	}
	return { ...samples, ...(untuned ? { [UNTUNED]: [untuned] } : {}) };
}

async function own({ ours, scratch }: Bench): Promise<Sample> {
	const dir = join(scratch, "cold");
	const { sample } = await ours.build({ profile: PROFILE, cacheDir: join(dir, "cache"), out: join(dir, "out") });
	await removeTree(dir);
	return sample;
}

async function floor({ mmdebstrap, scratch, prepared }: Bench): Promise<Sample> {
	const tarball = join(scratch, "floor.tar");
	const sample = await mmdebstrap.cold(await prepared(), tarball);
	await removeTree(tarball);
	return sample;
}
