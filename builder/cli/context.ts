/** What every command gets besides its options. */
export interface CommandContext {
	/** Fires at the first ^C or SIGTERM: stop children, leave nothing half-made, throw Interrupted. */
	readonly signal: AbortSignal;
	/** The whole log, once there is one: an error names it. */
	logFile?: string | undefined;
}
