/** What a person sees of a long command, without saying how: a terminal, plain lines, or nothing under `--json`. */
export interface Reporter {
	/** A fact that holds for the whole run, as `base  debian-13  (why)`. */
	note(label: string, text: string): void;
	/** Starts a step; exactly one of its ending calls must follow. */
	step(title: string): StepReport;
	/** Something that does not stop the work but should be read. */
	warn(text: string): void;
}

/** One running step. */
export interface StepReport {
	/** `fraction` from 0 to 1 where it is known; `text` is short (`41 of 214 packages`). */
	progress(at: { readonly fraction?: number | undefined; readonly text?: string | undefined }): void;
	/** Ended well; the elapsed time is added by the reporter. */
	done(text: string): void;
	/** Taken from the store. */
	cached(text: string): void;
	failed(text: string): void;
}
