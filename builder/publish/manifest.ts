import { createHash } from "node:crypto";
import { join } from "node:path";
import { type Manifest, manifest } from "../../core/contract/manifest.ts";
import type { StepResult } from "../apply/apply.ts";
import type { Installed } from "../inside/installed.ts";
import type { Observed } from "../plan/observed.ts";
import { canonicalJson } from "../store/key.ts";
import type { Entry } from "../store/types.ts";

/** A file by its name beside the manifest, size (bytes) and SHA-256. */
interface Sized {
	readonly path: string;
	readonly size: number;
	readonly sha256: string;
}

export interface ManifestSpec {
	readonly seen: Observed;
	readonly results: ReadonlyMap<string, StepResult>;
	/** The files step's entry, which has the kernel beside its tree. */
	readonly files: Entry;
	readonly kernel: { readonly vmlinuz: Sized; readonly initrd: Sized };
	readonly artifacts: Manifest["artifacts"];
	readonly builder: string;
}

/** What an image is made of. Pure. */
export function makeManifest({ seen, results, files, kernel, artifacts, builder }: ManifestSpec): Manifest {
	return manifest.parse({
		version: 1,
		name: seen.name,
		profile: {
			name: seen.resolved.profile.name,
			sha256: sha256(canonicalJson(JSON.parse(JSON.stringify(seen.resolved.profile)))),
		},
		base: seen.base.name,
		arch: seen.arch,
		builder,
		epoch: Number(files.info.epoch),
		inputs: inputs(seen),
		packages: (files.info.packages as Installed[]).map(([name, version, packageArch, size]) => ({
			name,
			version,
			arch: packageArch,
			size,
		})),
		kernel: { version: String(files.info.kernel), cmdline: seen.cmdline, ...kernel },
		partitions: seen.layout.partitions.map(({ number, name, type, uuid, start, size }) => ({
			number,
			name,
			type,
			uuid,
			start,
			size,
		})),
		...(seen.k3s ? { k3s: seen.k3s } : {}),
		artifacts,
		steps: [...results.values()].map(({ step, entry, cached }) => ({
			id: step.id,
			key: step.key,
			seconds: entry.seconds,
			cached,
		})),
	});
}

function inputs(seen: Observed): { name: string; sha256: string }[] {
	return [
		...seen.pockets.map(({ name, sha256: digest }) => ({ name: `index ${name.replace(/^.*?_dists_/, "")}`, sha256: digest })),
		...seen.files.map((file) => ({ name: `file ${file.path}`, sha256: sha256(file.content ?? file.target ?? "") })),
		...seen.scripts.map(({ path, sha256: digest }) => ({ name: `script ${path.split("/").at(-1)}`, sha256: digest })),
		...Object.entries(seen.localDebs).map(([path, digest]) => ({ name: `deb ${path.split("/").at(-1)}`, sha256: digest })),
		...seen.programs.map(({ name, sha256: digest }) => ({ name, sha256: digest })),
		{ name: "agent", sha256: seen.agent.sha256 },
	];
}

function sha256(content: string | Uint8Array): string {
	return createHash("sha256").update(content).digest("hex");
}

/** Name of an image's manifest in OUT. */
export function manifestFile(out: string, name: string): string {
	return join(out, `${name}.manifest.json`);
}
