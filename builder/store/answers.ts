import { readFile, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { Json, StepRecord } from "../../core/contract/plan.ts";
import { unless, writeAtomic } from "./disk.ts";
import { keyOf } from "./key.ts";
import type { Context } from "./layout.ts";

/** An answer that was kept, and when it was made (ISO 8601). */
export interface Answer<T extends Json = Json> {
	readonly value: T;
	readonly made: string;
}

/** The kept answer to the question `record`; undefined when there is none, it cannot be read, or it is older than `maxAge` seconds. */
export async function recall<T extends Json>(
	ctx: Context,
	name: string,
	record: StepRecord,
	maxAge = Number.POSITIVE_INFINITY,
): Promise<Answer<T> | undefined> {
	const file = answerFile(ctx, name, record);
	const text = await unless(["ENOENT"], readFile(file, "utf8"));
	const answer = text === undefined ? undefined : parse<T>(text);
	if (!answer || Date.now() - Date.parse(answer.made) > maxAge * 1000) return undefined;
	const now = new Date();
	await unless(["ENOENT"], utimes(file, now, now));
	return answer;
}

export async function remember<T extends Json>(ctx: Context, name: string, record: StepRecord, value: T): Promise<Answer<T>> {
	const made = new Date().toISOString();
	await writeAtomic(answerFile(ctx, name, record), `${JSON.stringify({ version: 1, name, record, made, value }, null, "\t")}\n`);
	return { value, made };
}

function answerFile(ctx: Context, name: string, record: StepRecord): string {
	return join(ctx.layout.answers, `${name}-${keyOf(record)}.json`);
}

function parse<T extends Json>(text: string): Answer<T> | undefined {
	try {
		const { version, made, value } = JSON.parse(text) as Answer<T> & { version?: number };
		return version === 1 && value !== undefined ? { value, made } : undefined;
	} catch {
		return undefined;
	}
}

/** When a kept answer was last asked for. */
export async function lastAsked(file: string): Promise<Date | undefined> {
	return (await unless(["ENOENT"], stat(file)))?.mtime;
}
