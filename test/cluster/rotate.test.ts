import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { readCluster, readSecrets } from "../../cluster/describe/read.ts";
import { askStatus } from "../../cluster/operate/status.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { Reached } from "../../cluster/reach/types.ts";
import type { Purpose } from "../../core/contract/purposes.ts";
import { poll } from "../../core/deadline.ts";
import { deriveKey } from "../../core/node/derive.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";
import { type Ask, type LongJob, startLongJob, wholeOutput } from "./long-job.ts";

/** New keys for a cluster that works, while one of its nodes is off: it is told apart from an intruder, and comes back. */

const dir = inject("cluster");
const NAMES = (await readCluster(dir)).nodes.map(({ name }) => name);
const ON = NAMES.slice(0, -1);
const OFF = NAMES.at(-1)!;
/** Where the job runs: more than one machine, and not the one that is off. */
const AT_WORK = ON.slice(0, 2);
const ROTATED = ["serf", "munge", "announce"] as const;

let reached: Reached;
let job: LongJob;
let before: Record<Purpose, number>;

const ask: Ask = async (node, argv, user) =>
	(await reached.link(node).run(argv, { as: user, timeout: 30_000 * reached.slow })).stdout;

async function untilReady(names: readonly string[]): Promise<void> {
	const nodes = reached.nodes.filter(({ name }) => names.includes(name));
	const look = async () => {
		const answers = await askStatus(reached, nodes);
		last = answers.map(({ name, status, problem }) => `${name}: ${status?.state ?? problem} ${status?.reason ?? ""}`);
		return answers.every(({ status }) => status?.state === "ready") || undefined;
	};
	let last: string[] = [];
	if (await poll(look, { timeout: 60_000 * reached.slow, every: 1000 })) return;
	throw new Error(`not ready: ${last.join("; ")}`);
}

beforeAll(async () => {
	reached = await openReach(dir);
	await untilReady(NAMES);
	before = (await readSecrets(dir)).generation;
	job = await startLongJob(ask, "c1", AT_WORK, 60_000 * reached.slow);
	await mustClusteros("fault", dir, OFF, "kill");
});

/** Whatever failed above: the next suite gets five nodes that hold the same keys. */
afterAll(async () => {
	await clusteros("start", dir, OFF, "--timeout", "1");
	await clusteros("rotate", dir, "--resume");
	await untilReady(NAMES);
	await reached.close();
});

const wanted = () => Object.fromEntries(ROTATED.map((purpose) => [purpose, before[purpose] + 1]));

describe("rotate, with a job that runs and a node that is off", () => {
	it("moves every node that is there, and names the one that is not", async () => {
		const { stdout, exitCode } = await clusteros("rotate", dir, "--json");
		expect(JSON.parse(stdout)).toMatchObject({
			moved: ON,
			left: [{ name: OFF, why: expect.stringContaining("nobody answers") }],
			strangers: [],
			generation: wanted(),
		});
		expect(exitCode).toBe(1);
	});

	it("leaves them ready, with the new keys in use", async () => {
		await untilReady(ON);
		const answers = await askStatus(reached);
		for (const { name, status } of answers.filter(({ name }) => ON.includes(name)))
			expect({ name, ...status?.generation }).toMatchObject({ name, ...wanted() });
	});

	it("loses no job", async () => {
		expect(await job.state()).toBe("RUNNING");
		const { record, printed } = await job.end();
		expect(record).toMatch(/JobState=COMPLETED .*Restarts=0 .*ExitCode=0:0/);
		expect(printed.toSorted()).toEqual(wholeOutput(AT_WORK));
	});

	it("keeps the node that was off out when it comes back with the old keys, and it says so", async () => {
		await clusteros("start", dir, OFF, "--timeout", "1");
		const alone = async () => {
			const [answer] = await askStatus(reached, reached.select(OFF));
			return answer?.status?.reason?.includes("no other node answers") || undefined;
		};
		expect(await poll(alone, { timeout: 90_000 * reached.slow, every: 2000 })).toBe(true);
		const [c1, off] = await askStatus(reached, reached.select(`c1,${OFF}`));
		expect(c1!.status!.members!.filter(({ alive }) => alive).map(({ name }) => name)).toEqual(ON.slice(1));
		// It is told from an intruder: by its pin, and in words where gossip still remembers it.
		const { pins } = JSON.parse((await reached.link("c1").run(["cat", "/var/lib/clusteros/pins.json"], { as: "root" })).stdout);
		expect(pins[OFF]?.id).toBe(off!.status!.node);
		const refused = c1!.status!.refused?.filter(({ name }) => name === OFF) ?? [];
		for (const { reason } of refused) expect(reason).toBe("announces under a retired key: it was off during a rotation");
	});

	it("lets it in again by its pin, with --resume", async () => {
		const { stdout, exitCode } = await clusteros("rotate", dir, "--resume", "--json");
		expect(JSON.parse(stdout)).toMatchObject({ moved: NAMES, left: [], generation: wanted() });
		expect(exitCode).toBe(0);
		await untilReady(NAMES);
		const answers = await askStatus(reached);
		for (const { name, status } of answers) {
			expect({ name, alive: status?.members?.filter(({ alive }) => alive).length }).toEqual({ name, alive: ON.length });
			expect({ name, refused: status?.refused ?? [] }).toEqual({ name, refused: [] });
			expect({ name, ...status?.generation }).toMatchObject({ name, ...wanted() });
		}
	});

	it("runs jobs on it again", async () => {
		const srun = async () =>
			(await ask("c1", ["srun", `-N${NAMES.length}`, "hostname"]).catch(() => "")).trim().split("\n").length === NAMES.length ||
			undefined;
		expect(await poll(srun, { timeout: 60_000 * reached.slow, every: 1000 })).toBe(true);
	});
});

describe("the old keys", () => {
	/** What each node goes by: gossip's keyring as Serf holds it in memory, and the files of the others. */
	it.each(NAMES)("are gone from %s", async (name) => {
		const secrets = await readSecrets(dir);
		const key = (purpose: Purpose, generation: number) =>
			deriveKey(Buffer.from(secrets.master, "base64"), reached.cluster.id, purpose, generation).toString("base64");
		const root = async (...argv: string[]) => (await reached.link(name).run(argv, { as: "root" })).stdout;
		const held = [
			await root("cat", "/etc/clusteros/serf.keyring"),
			await root("cat", "/etc/clusteros/secrets.json", "/var/lib/clusteros/seed/secrets.json"),
			(await root("base64", "--wrap=0", "/etc/munge/munge.key")).trim(),
		].join("\n");
		for (const purpose of ROTATED) {
			expect({ purpose, held: held.includes(key(purpose, before[purpose])) }).toEqual({ purpose, held: false });
			expect({ purpose, held: held.includes(key(purpose, before[purpose] + 1)) }).toEqual({ purpose, held: true });
		}
	});

	it("are not taken by gossip or munge any more", async () => {
		const { stdout } = await reached.link("c1").run(["sh", "-ec", KEYRING], { as: "root", timeout: 30_000 * reached.slow });
		// One key, held by all members.
		expect(stdout.match(/\[\d+\/\d+\]/g)).toEqual([`[${NAMES.length}/${NAMES.length}]`]);
	});
});

/** Every member's keys as Serf has them, without a key in an argument. */
const KEYRING = `SERF_RPC_AUTH=$(sed -n 's/.*"rpc_auth": "\\(.*\\)".*/\\1/p' /etc/clusteros/serf.json)
export SERF_RPC_AUTH
serf keys -list`;
