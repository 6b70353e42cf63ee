import { styleText } from "node:util";

/** Colours text by what it means. Plain when `stream` is no terminal or NO_COLOR is set. */
export type Paint = (meaning: Meaning, text: string) => string;
export type Meaning = "good" | "bad" | "warning" | "dim" | "strong";

const STYLES = { good: "green", bad: "red", warning: "yellow", dim: "dim", strong: "bold" } as const;

/** Colours for `stream`; decided once: NO_COLOR (any value) and TERM=dumb turn them off, as does a pipe. */
export function makePaint(stream: { readonly isTTY?: boolean | undefined }, env: NodeJS.ProcessEnv): Paint {
	const colours = stream.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
	// styleText would look at process.stdout itself, which is not where progress goes.
	return (meaning, text) => (colours ? styleText(STYLES[meaning], text, { validateStream: false }) : text);
}
