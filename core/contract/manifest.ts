import * as z from "zod";
import { formatVersion, sha256 } from "./version.ts";

/** `OUT/<profile>-<base>-<arch>.manifest.json`: what an image is made of. Sizes in bytes, times in seconds. */
export const manifest = z.strictObject({
	version: formatVersion,
	name: z.string(),
	profile: z.strictObject({ name: z.string(), sha256 }),
	base: z.string(),
	arch: z.string(),
	builder: z.string(),
	epoch: z.number().int(),
	inputs: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
	packages: z.array(z.strictObject({ name: z.string(), version: z.string(), arch: z.string(), size: z.number().int() })),
	/** Kernel and initrd lie beside the manifest, for direct kernel boots; paths are relative to it. */
	kernel: z.strictObject({
		version: z.string(),
		cmdline: z.string(),
		vmlinuz: z.strictObject({ path: z.string(), size: z.number().int(), sha256 }),
		initrd: z.strictObject({ path: z.string(), size: z.number().int(), sha256 }),
	}),
	partitions: z.array(
		z.strictObject({
			number: z.number().int(),
			name: z.string(),
			type: z.string(),
			uuid: z.string(),
			start: z.number().int(),
			size: z.number().int(),
		}),
	),
	/** Only in an image with k3s. `sha256` is that of the file `k3s`; `version` is "unknown" where the binary does not say. */
	k3s: z.strictObject({ version: z.string(), layout: z.enum(["bundled", "unbundled"]), sha256 }).optional(),
	artifacts: z.array(z.strictObject({ format: z.string(), file: z.string(), size: z.number().int(), sha256 })),
	steps: z.array(z.strictObject({ id: z.string(), key: sha256, seconds: z.number(), cached: z.boolean() })),
});

export type Manifest = z.output<typeof manifest>;
