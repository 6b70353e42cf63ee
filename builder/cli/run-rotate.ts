import { type Rotated, type RotateWatcher, rotate } from "../../cluster/operate/rotate.ts";
import type { Phase } from "../../cluster/operate/rotation-file.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { Purpose } from "../../core/contract/purposes.ts";
import { quote } from "../../core/process/quote.ts";
import { makeReporter } from "../ui/make-reporter.ts";
import type { Reporter, StepReport } from "../ui/reporter.ts";
import type { CommandContext } from "./context.ts";
import { printJson } from "./node-output.ts";

/** As typed. */
export interface RotateOptions {
	readonly purpose?: readonly Purpose[];
	readonly resume: boolean;
	readonly json: boolean;
}

/** Rotates and says who has moved; exit code 1 when a node was left out. */
export async function runRotate(dir: string, options: RotateOptions, { signal }: CommandContext): Promise<void> {
	const reached = await openReach(dir);
	const reporter = makeReporter({ json: options.json });
	const purposes = options.purpose ?? ["serf", "munge", "announce"];
	const watch = watcher(reporter);
	try {
		const rotated = await rotate(reached, { purposes, resume: options.resume, now: new Date(), signal, watch });
		reporter.close();
		if (options.json) printJson(rotated);
		else process.stdout.write(`${rotatedText(rotated, dir)}\n`);
		if (rotated.left.length > 0) process.exitCode = 1;
	} catch (error) {
		watch.failed();
		throw error;
	} finally {
		reporter.close();
	}
}

const TITLES: Readonly<Record<Phase, string>> = { accept: "learn new keys", use: "use new keys", drop: "drop old keys" };

function watcher(reporter: Reporter): RotateWatcher & { failed(): void } {
	let step: StepReport | undefined;
	let wanted = 0;
	const done: string[] = [];
	return {
		phase: (phase, nodes) => {
			step = reporter.step(TITLES[phase]);
			wanted = nodes.length;
			done.length = 0;
		},
		done: (_phase, node) => {
			done.push(node);
			step?.progress({ fraction: done.length / wanted, text: `${done.length} of ${wanted} · ${node}` });
		},
		left: (node, why) => reporter.warn(`${node} is left out: ${why}`),
		ended: () => {
			step?.done(done.toSorted().join(", "));
			step = undefined;
		},
		failed: () => step?.failed(`${done.length} of ${wanted}`),
	};
}

/** What a person reads at the end. */
export function rotatedText({ moved, left, strangers, generation }: Rotated, dir: string): string {
	const keys = Object.entries(generation).map(([purpose, number]) => `${purpose} ${number}`);
	const total = moved.length + left.length;
	const head = left.length === 0 ? `all ${total} nodes moved` : `${moved.length} of ${total} nodes moved`;
	const again = `clusteros rotate ${quote(dir)} --resume`;
	return [
		`${head} · keys in use: ${keys.join(", ")}`,
		...left.map(({ name, why }) => `${name} was off (${why}): when it is back run ${again}`),
		...strangers.map((name) => `${name} is not in cluster.toml and keeps the old keys: give it an entry, or a new seed`),
		"Seeds that were made before hold the old keys.",
	].join("\n");
}
