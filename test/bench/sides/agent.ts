import type { Reached } from "../../../cluster/reach/types.ts";
import { parseStat, TICKS } from "../measure.ts";
import { median } from "../statistics.ts";

/** What the agent of one node has used until it was ready. Seconds of processor time, bytes. */
export interface AgentUse {
	readonly node: string;
	readonly own: number;
	/** Of the programs that it has run. */
	readonly children: number;
	readonly rss: number;
	/** The most that it has had. */
	readonly peak: number;
}

/** What a Node that prints one line uses in the same guest, now that it is quiet. */
export interface HelloUse {
	readonly node: string;
	readonly seconds: readonly number[];
}

const AGENT = `pid=$(systemctl show --property=MainPID --value clusteros-agent)
cat /proc/$pid/stat
grep -E '^Vm(RSS|HWM):' /proc/$pid/status`;

/** The image's Node, started by a file as the agent is. The shell tells what its child has used. */
const HELLO = `echo 'console.log("hello world")' >/run/hello.js
for round in 1 2 3; do sh -c '/usr/lib/clusteros/node /run/hello.js >/dev/null; times' | tail -n 1; done
rm /run/hello.js`;

const TIMEOUT = 300_000;

/** To be asked as soon as the cluster is ready: what comes later is counted as well. */
export async function agentUses({ nodes, link }: Reached): Promise<AgentUse[]> {
	return Promise.all(
		nodes.map(async ({ name }) => {
			const { stdout } = await link(name).run(["sh", "-c", AGENT], { as: "root", timeout: TIMEOUT });
			return { node: name, ...parseAgent(stdout) };
		}),
	);
}

/** One node after the other, so that none waits for a processor. */
export async function helloUses({ nodes, link }: Reached): Promise<HelloUse[]> {
	const uses: HelloUse[] = [];
	for (const { name } of nodes) {
		const { stdout } = await link(name).run(["sh", "-c", HELLO], { as: "root", timeout: TIMEOUT });
		uses.push({ node: name, seconds: parseTimes(stdout) });
	}
	return uses;
}

/** A line of proc_pid_stat(5), and two of proc_pid_status(5). */
export function parseAgent(text: string): Omit<AgentUse, "node"> {
	const [stat = ""] = text.split("\n");
	const { own, children } = parseStat(stat);
	const bytes = (name: string) => Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, "m").exec(text)?.[1]) * 1024;
	const use = { own: own / TICKS, children: children / TICKS, rss: bytes("VmRSS"), peak: bytes("VmHWM") };
	if (Object.values(use).some(Number.isNaN)) throw new Error(`not what an agent uses: ${text}`);
	return use;
}

/** Lines of sh's `times`, `0m0.27s 0m0.05s`: user and system time. */
export function parseTimes(text: string): number[] {
	const lines = text.trim().split("\n");
	return lines.map((line) => {
		const parts = [...line.matchAll(/(\d+)m([\d.]+)s/g)];
		if (parts.length !== 2) throw new Error(`not what times prints: ${text}`);
		return parts.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
	});
}

/** Of each node: how many hellos its agent cost. */
export function inHellos(agents: readonly AgentUse[], hellos: readonly HelloUse[]): number[] {
	return agents.map(({ node, own }) => own / median(hellos.find((hello) => hello.node === node)!.seconds));
}
