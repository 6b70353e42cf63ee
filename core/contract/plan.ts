import * as z from "zod";
import { formatVersion, sha256 } from "./version.ts";

/**
 * A plan: what a build would do, as data. `record` is the readable list of a step's inputs, `key` its SHA-256:
 * the same record always gives the same bytes, so a step whose key is in the store is not run.
 */
const json: z.ZodType<Json> = z.lazy(() =>
	z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(json), z.record(z.string(), json)]),
);

/** Plain data, as JSON has it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Readable inputs of a step, by name. */
export type StepRecord = { readonly [field: string]: Json };

export const planDocument = z.strictObject({
	version: formatVersion,
	name: z.string(),
	profile: z.string(),
	base: z.string(),
	arch: z.string(),
	steps: z.array(
		z.strictObject({
			id: z.string(),
			kind: z.enum(["packages", "programs", "files", "disk", "image"]),
			title: z.string(),
			needs: z.array(z.string()),
			key: sha256,
			record: z.record(z.string(), json),
			cached: z.boolean(),
			why: z.array(z.string()).describe("Why it is not in the store: the inputs that changed since it was last made."),
			estimate: z.strictObject({ download: z.number().int(), installed: z.number().int() }).optional().describe("Bytes."),
		}),
	),
	outputs: z.array(z.strictObject({ format: z.string(), file: z.string(), step: z.string() })),
});

/** What `build-image --plan --json` prints. */
export type PlanDocument = z.output<typeof planDocument>;
