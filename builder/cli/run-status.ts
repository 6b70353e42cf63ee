import { setTimeout as sleep } from "node:timers/promises";
import { askStatus, isBad, type NodeAnswer, peersOf } from "../../cluster/operate/status.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { Interrupted } from "../../core/errors.ts";
import { table } from "../ui/format.ts";
import { makePaint, type Paint } from "../ui/paint.ts";
import type { CommandContext } from "./context.ts";
import { printJson } from "./node-output.ts";

/** As typed. */
export interface StatusOptions {
	readonly json: boolean;
	readonly watch: boolean;
}

/** Milliseconds between two looks with --watch: each is a program on every node. */
const EVERY = 3000;

/** Prints every node's state; exit code 1 when one is unreachable or failed. */
export async function runStatus(
	dir: string,
	hostlist: string,
	options: StatusOptions,
	{ signal }: CommandContext,
): Promise<void> {
	const reached = await openReach(dir);
	const nodes = reached.select(hostlist);
	const names = reached.nodes.map(({ name }) => name);
	for (;;) {
		const answers = await askStatus(reached, nodes, signal);
		const isReady = answers.every(({ status }) => status?.state === "ready");
		if (options.json) printJson({ cluster: reached.cluster.name, ready: isReady, nodes: answers });
		else process.stdout.write(`${statusText(answers, names, new Date(), makePaint(process.stdout, process.env))}\n`);
		if (!options.watch || isReady) {
			if (answers.some(isBad)) process.exitCode = 1;
			return;
		}
		await sleep(EVERY, undefined, { signal }).catch(() => {
			throw new Interrupted();
		});
		if (!options.json) process.stdout.write("\n");
	}
}

/** The table of UX: a line a node, and below it who was refused. `names`: all nodes of the cluster. */
export function statusText(answers: readonly NodeAnswer[], names: readonly string[], now: Date, paint: Paint): string {
	const head = ["node", "roles", "state", "mesh", "peers", "for", ""];
	const rows = answers.map((answer) => row(answer, names, now, paint));
	const fixes = answers.flatMap(({ name, fix }) => (fix === undefined ? [] : [`${name}: ${fix.split("\n")[0]}`]));
	return [table([head, ...rows]), ...refusals(answers), ...fixes].join("\n");
}

function row(answer: NodeAnswer, names: readonly string[], now: Date, paint: Paint): string[] {
	const { name, roles, mesh, status, problem } = answer;
	if (!status)
		return [name, roles.join(","), paint("bad", answer.reached ? "no agent" : "unreachable"), mesh, "", "", problem ?? ""];
	const { heard, expected } = peersOf(name, status, names);
	const failed = status.reason?.startsWith("failed");
	const state = paint(failed ? "bad" : status.state === "ready" ? "good" : "warning", status.state);
	const said = [...(status.name === name ? [] : [`calls itself ${status.name}`]), ...(status.reason ? [status.reason] : [])];
	const shownRoles = (status.roles ?? roles).join(",");
	return [name, shownRoles, state, status.mesh ?? "-", `${heard}/${expected}`, age(status.since, now), said.join("; ")];
}

/** How long ago, by our clock: a node's own may differ, and then nothing is better than a lie. */
function age(since: string, now: Date): string {
	const seconds = Math.round((now.getTime() - Date.parse(since)) / 1000);
	if (!(seconds >= 0)) return "-";
	if (seconds < 100) return `${seconds} s`;
	if (seconds < 100 * 60) return `${Math.round(seconds / 60)} min`;
	return seconds < 48 * 3600 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** Who was not let in, each once, with the nodes that say so. */
function refusals(answers: readonly NodeAnswer[]): string[] {
	const by = new Map<string, string[]>();
	for (const { name, status } of answers) {
		for (const refused of status?.refused ?? []) {
			const words = `refused: ${refused.name} (${refused.id}): ${refused.reason}`;
			by.set(words, [...(by.get(words) ?? []), name]);
		}
	}
	return [...by].map(([words, nodes]) => `${words}; says ${nodes.join(", ")}`);
}
