import { setTimeout as sleep } from "node:timers/promises";
import { Interrupted } from "./errors.ts";

/** A wait that ended without what was waited for. */
export class DeadlineError extends Error {
	override readonly name = "DeadlineError";
}

/** What `promise` gives. @throws DeadlineError after `ms`; the work itself is not stopped. */
export async function within<T>(ms: number, promise: Promise<T>, waitingFor: string): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new DeadlineError(`${waitingFor} (waited ${ms / 1000} s)`)), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export interface PollOptions {
	/** Milliseconds until the wait is given up. */
	readonly timeout: number;
	/** Milliseconds between two looks; 100 by default. */
	readonly every?: number | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** Looks until `look` gives something other than undefined; undefined when `timeout` has passed. @throws Interrupted. */
export async function poll<T>(look: () => Promise<T | undefined> | T | undefined, options: PollOptions): Promise<T | undefined> {
	const { timeout, every = 100, signal } = options;
	const end = performance.now() + timeout;
	for (;;) {
		if (signal?.aborted) throw new Interrupted();
		const seen = await look();
		if (seen !== undefined || performance.now() >= end) return seen;
		await sleep(Math.min(every, Math.max(0, end - performance.now())));
	}
}
