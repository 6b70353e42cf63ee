import { createHash } from "node:crypto";
import type { Json, StepRecord } from "../../core/contract/plan.ts";
import { InternalError } from "../../core/errors.ts";

/** The one text of a JSON value: keys sorted by code unit, no spaces. Equal values always give equal text. */
export function canonicalJson(value: Json): string {
	if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
	if (typeof value === "object" && value !== null) {
		const fields = Object.entries(value as Record<string, Json>).toSorted(([a], [b]) => (a < b ? -1 : 1));
		return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonicalJson(field)}`).join(",")}}`;
	}
	if (value === undefined || (typeof value === "number" && !Number.isFinite(value)))
		throw new InternalError(`${String(value)} is no JSON: it would give one key to different records`);
	return JSON.stringify(value);
}

/** Key of a record: SHA-256 of its canonical JSON, in lower-case hex. */
export function keyOf(record: StepRecord): string {
	return createHash("sha256").update(canonicalJson(record)).digest("hex");
}
