import { join, resolve } from "node:path";
import { type ClusterRuns, runClusters } from "./cluster.ts";
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
	/** Ids of the rows that are measured. */
	readonly wanted: ReadonlySet<string>;
	/** The Node that a person would have. */
	readonly node: string;
	readonly signal: AbortSignal;
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
	/** Clusters, each with all that rows read off it, and bare machines beside them. */
	readonly clusters: () => Promise<ClusterRuns>;
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
		clusters: once(async () => {
			const { image, nodes, repeat } = spec.options;
			const dir = join(scratch, "machines");
			return runClusters({ ...spec, dir, image: image ? resolve(image) : await builtImage(prepared), nodes, repeat, saySample });
		}),
		ownCold: async () => coldSeconds() ?? (await prepared()).sample.seconds,
	};
}

async function builtImage(prepared: () => Promise<Prepared>): Promise<string> {
	const { out, manifest } = await prepared();
	return join(out, manifest.artifacts.find(({ format }) => format === "qcow2")!.file);
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
	let made: Promise<T> | undefined;
	return () => {
		made ??= make();
		return made;
	};
}
