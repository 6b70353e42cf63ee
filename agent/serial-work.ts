/** Does one piece of work again and again, never twice at a time: who asks while it runs shares the next run with all others. */
export class SerialWork {
	readonly #work: () => Promise<void>;
	#running: Promise<void> = Promise.resolve();
	#queued: Promise<void> | undefined;

	constructor(work: () => Promise<void>) {
		this.#work = work;
	}

	/** Resolves after a run that began later than this call. */
	run(): Promise<void> {
		this.#queued ??= this.#running
			.catch(() => {})
			.then(() => {
				this.#queued = undefined;
				return this.#work();
			});
		this.#running = this.#queued;
		return this.#queued;
	}
}
