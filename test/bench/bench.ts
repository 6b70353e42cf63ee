import { join } from "node:path";
import type { Sample } from "./measure.ts";
import type { BenchOptions } from "./options.ts";
import type { Mkosi } from "./sides/mkosi.ts";
import type { Mmdebstrap } from "./sides/mmdebstrap.ts";
import { type Ours, type Prepared, prepare, type Site, writeSite } from "./sides/ours.ts";

/** What rows are given. */
export interface BenchSpec {
	readonly options: BenchOptions;
	/** Our checkout. */
	readonly root: string;
	/** A folder of this run; what rows put there is removed at the end at the latest. */
	readonly scratch: string;
	readonly ours: Ours;
	/** Undefined when there is none, for the reason in `withoutMkosi`. */
	readonly mkosi: Mkosi | undefined;
	readonly withoutMkosi: string;
	readonly mmdebstrap: Mmdebstrap;
	readonly say: (text: string) => void;
}

/** Incremental builds of mkosi. */
export interface Incremental {
	/** The build that made what they start from. */
	readonly first: Sample;
	readonly edit: (content: string) => Promise<Sample>;
}

/** What rows share; each thing is made when the first row asks for it. */
export interface Bench extends BenchSpec {
	/** A first build of our own: its packages are every side's packages. */
	readonly prepared: () => Promise<Prepared>;
	/** A profile with an overlay of its own, built once in the prepared cache. */
	readonly site: () => Promise<Site>;
	readonly incremental: () => Promise<Incremental>;
	/** Median seconds of our cold build: of the cold row, or of the first build when that row was not asked for. */
	readonly ownCold: () => Promise<number>;
	readonly saySample: (what: string, sample: Sample) => void;
}

export function makeBench(spec: BenchSpec, coldSeconds: () => number | undefined): Bench {
	const { root, scratch, ours, mkosi, say } = spec;
	const saySample = (what: string, { seconds, cpu, others }: Sample) =>
		say(`${what.padEnd(28)} ${seconds.toFixed(2)} s   ${cpu.toFixed(1)} s of processor time, others ${others.toFixed(1)} s`);
	const prepared = once(async () => {
		const made = await prepare(ours, root, join(scratch, "prepared"));
		saySample("first build ClusterOS", made.sample);
		return made;
	});
	return {
		...spec,
		saySample,
		prepared,
		site: once(async () => {
			const site = await writeSite(root, join(scratch, "site"));
			await ours.build({ profile: site.profile, cacheDir: (await prepared()).cacheDir, out: join(scratch, "site-out") });
			return site;
		}),
		incremental: once(async () => {
			const dir = join(scratch, "mkosi-incremental");
			const first = await mkosi!.prepare(await prepared(), dir);
			saySample("first build mkosi", first);
			return { first, edit: (content) => mkosi!.edit(dir, content) };
		}),
		ownCold: async () => coldSeconds() ?? (await prepared()).sample.seconds,
	};
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}
