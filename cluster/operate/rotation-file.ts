import { rm } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { formatVersion } from "../../core/contract/version.ts";
import { UserError } from "../../core/errors.ts";
import { writePrivate } from "../../core/private-file.ts";
import { readIfThere } from "../reach/host-keys.ts";

const generations = z.strictObject({ serf: z.int(), munge: z.int(), announce: z.int(), dbd: z.int() });

/** Phases of a rotation, each done on every node before the next begins. */
export const PHASES = ["accept", "use", "drop"] as const;
export type Phase = (typeof PHASES)[number];

const rotation = z.strictObject({
	version: formatVersion,
	started: z.iso.datetime(),
	from: generations,
	to: generations,
	nodes: z
		.record(z.string(), z.enum(PHASES))
		.describe("The last phase that a node has done; a node that is missing has done none."),
});

/** `DIR/.clusteros/rotation.json`: a rotation that not every node has gone through. Holds no secret. */
export type Rotation = z.output<typeof rotation>;

/** The rotation that was begun in `dir` and not ended. @throws UserError when its file is not one. */
export async function readRotation(dir: string): Promise<Rotation | undefined> {
	const text = await readIfThere(fileOf(dir));
	if (text === "") return undefined;
	try {
		return rotation.parse(JSON.parse(text));
	} catch {
		const fix = "remove it and rotate again: every key of this cluster can be made again from secrets.toml";
		throw new UserError("invalid", { message: `${fileOf(dir)} is not a rotation's state`, fix });
	}
}

export async function writeRotation(dir: string, state: Rotation): Promise<void> {
	await writePrivate(fileOf(dir), `${JSON.stringify(state, null, "\t")}\n`);
}

export async function removeRotation(dir: string): Promise<void> {
	await rm(fileOf(dir), { force: true });
}

function fileOf(dir: string): string {
	return join(dir, ".clusteros/rotation.json");
}

/** Whether the node has done this phase or a later one. */
export function hasDone(state: Rotation, node: string, phase: Phase): boolean {
	const done = state.nodes[node];
	return done !== undefined && PHASES.indexOf(done) >= PHASES.indexOf(phase);
}
