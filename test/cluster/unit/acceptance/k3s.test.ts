import { describe, expect, it } from "vitest";
import { groupsNamed } from "../../../../cluster/acceptance/groups.ts";
import { podManifest } from "../../../../cluster/acceptance/k3s/pod-manifest.ts";
import { totalsOf } from "../../../../cluster/acceptance/report/summary.ts";
import { type Result, runSuite } from "../../../../cluster/acceptance/run-suite.ts";
import type { FakeOptions, Rule } from "./fake-cluster.ts";
import { healthyHybrid, healthySuite, podOn } from "./healthy.ts";

async function run(first: readonly Rule[] = [], options: FakeOptions = {}): Promise<Result[]> {
	return runSuite(healthyHybrid(first, options), groupsNamed(["k3s"]), {});
}

/** What the checks saw, by node; `passed` where they did. */
function seen(results: readonly Result[]): Record<string, string> {
	const words = ({ verdict }: Result) =>
		verdict.status === "failed" ? verdict.complaints.map((complaint) => complaint.seen).join("\n") : verdict.status;
	return Object.fromEntries(results.map((result) => [result.name, words(result)]));
}

/** kubectl lists these pods, and these events. */
function lists(pods: readonly object[], events: readonly object[] = []): Rule {
	return (command) => {
		if (command.includes(" get pods ")) return JSON.stringify({ items: pods });
		if (command.includes(" get events ")) return JSON.stringify({ items: events });
		return undefined;
	};
}

const NODES = ["c1", "n1", "n2", "n3", "n4"];
const instead = (pod: object) => NODES.map((name) => (name === "n1" ? pod : podOn(name)));

it("passes all 56 checks of a healthy hybrid cluster of five", async () => {
	const results = await runSuite(healthyHybrid(), groupsNamed([]), {});
	expect(results.filter(({ verdict }) => verdict.status !== "passed")).toEqual([]);
	expect(totalsOf(results)).toEqual({ passed: 56, failed: 0, skipped: 0 });
});

it("passes what applies to three nodes with k3s and without SLURM, and skips the rest aloud", async () => {
	const noSlurm: Rule = (command) => (/^test -x .*(munge|slurmctld)$/.test(command) ? { text: "", code: 1 } : undefined);
	const suite = healthyHybrid([noSlurm], { nodes: ["c1", "n1", "n2"] });
	const results = await runSuite(suite, groupsNamed(["auth", "slurm", "k3s"]), {});
	expect(totalsOf(results)).toEqual({ passed: 3, failed: 0, skipped: 3 + 11 });
	const reasons = new Set(results.flatMap(({ verdict }) => (verdict.status === "skipped" ? [verdict.reason] : [])));
	expect([...reasons]).toEqual(["no munge in this image", "no SLURM in this image"]);
});

it("starts one DaemonSet for all checks, in a namespace of its own", async () => {
	const applied: unknown[] = [];
	const apply: Rule = (command, _, { input }) => {
		if (command.includes(" apply ")) applied.push(JSON.parse(String(input)));
		return undefined;
	};
	expect(totalsOf(await run([apply]))).toMatchObject({ passed: 5 });
	expect(applied).toHaveLength(1);
	const [home, pods] = (applied[0] as { items: { kind: string; metadata: Record<string, unknown> }[] }).items;
	expect(home).toMatchObject({ kind: "Namespace", metadata: { labels: { "clusteros.test": "k3s" } } });
	expect(pods).toMatchObject({ kind: "DaemonSet", metadata: { namespace: home!.metadata.name } });
});

it("asks each pod from the next node", async () => {
	const asked: string[] = [];
	const note: Rule = (command, node) => {
		const address = /GET \/name.* (\S+) 8080$/s.exec(command)?.[1];
		if (address) asked.push(`${node} ${address}`);
		return undefined;
	};
	await run([note]);
	expect(asked.toSorted()).toEqual(["c1 10.42.4.7", "n1 10.42.0.7", "n2 10.42.1.7", "n3 10.42.2.7", "n4 10.42.3.7"]);
});

describe("a check fails when", () => {
	const get = /GET \/name.* 10\.42\.1\.7 8080$/s;
	const BREAKS: readonly (readonly [what: string, rule: Rule, seen: RegExp])[] = [
		[
			"kubelet does not hold /dev/kmsg",
			(command, node) => (node === "n1" && command.includes("/dev/kmsg") ? "" : undefined),
			/^it does not, or k3s does not run$/,
		],
		[
			"the process that is asked about has gone",
			(command, node) =>
				node === "n1" && command.includes("/dev/kmsg") ? { text: "find: '/proc/812/fd': No such file", code: 1 } : undefined,
			/No such file/,
		],
		["there is no pod for the node", lists(NODES.filter((name) => name !== "n1").map((name) => podOn(name))), /^no pod$/],
		[
			"the image of the pod is not there",
			lists(
				instead(
					podOn("n1", {
						phase: "Pending",
						containerStatuses: [{ state: { waiting: { reason: "ErrImageNeverPull", message: "image is not present" } } }],
					}),
				),
			),
			/^Pending\nErrImageNeverPull: image is not present$/,
		],
		[
			"the pod's sandbox cannot be made, which only events say",
			lists(
				instead(podOn("n1", { phase: "Pending", containerStatuses: [{ state: { waiting: { reason: "ContainerCreating" } } }] })),
				[
					{ type: "Warning", reason: "FailedCreatePodSandBox", message: "no flannel", involvedObject: { name: "pod-n1" } },
					{ type: "Warning", reason: "Other", message: "of another", involvedObject: { name: "pod-n2" } },
				],
			),
			/^Pending\nContainerCreating\nFailedCreatePodSandBox: no flannel$/,
		],
		[
			"no room is left for the pod",
			lists(
				instead({
					...podOn("n1", { phase: "Pending", conditions: [{ status: "False", message: "Insufficient memory" }] }),
					spec: {
						affinity: {
							nodeAffinity: {
								requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields: [{ values: ["n1"] }] }] },
							},
						},
					},
				}),
			),
			/^Pending\nInsufficient memory$/,
		],
		[
			"the pod does not answer the next node",
			(command, node) => (node === "n2" && get.test(command) ? { text: "", code: 124 } : undefined),
			/^nothing, exit code 124$/,
		],
		[
			"another pod answers in its place",
			(command) => (get.test(command) ? "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nn4\n" : undefined),
			/n4$/,
		],
		[
			"what answers is an error",
			(command) => (get.test(command) ? "HTTP/1.1 404 Not Found\r\n\r\nn1\n" : undefined),
			/404 Not Found/,
		],
	];

	it.each(BREAKS)("%s, and only for that node", async (_, rule, words) => {
		const { n1, ...others } = seen(await run([rule]));
		expect(n1).toMatch(words);
		expect(others).toEqual({ c1: "passed", n2: "passed", n3: "passed", n4: "passed" });
	});

	it("k3s' server does not answer: for every node", async () => {
		const refused: Rule = (command) =>
			command.includes(" apply ") ? { text: "The connection to the server 127.0.0.1:6443 was refused", code: 1 } : undefined;
		const all = seen(await run([refused]));
		for (const name of NODES) expect(all[name]).toMatch(/127\.0\.0\.1:6443 was refused/);
	});
});

it("waits for a program that does not listen yet", async () => {
	let asked = 0;
	const later: Rule = (command) => {
		const isGet = /GET \/name.* 10\.42\.1\.7 8080$/s.test(command);
		return isGet && ++asked < 3 ? { text: "Connection refused", code: 1 } : undefined;
	};
	expect(seen(await run([later]))).toMatchObject({ n1: "passed" });
	expect(asked).toBe(3);
});

describe("what was started is taken away", () => {
	const DELETE = /kubectl .*delete namespace --selector=clusteros\.test=k3s/;

	it.each([
		["when all passed", undefined],
		["when kubectl failed", / rollout /],
	])("%s", async (_, breaks) => {
		const removed: string[] = [];
		const note: Rule = (command, node) => {
			if (DELETE.test(command)) removed.push(node);
			if (breaks?.test(command)) throw new Error("c1 cannot be reached");
			return undefined;
		};
		await run([note]);
		expect(removed).toEqual(["c1"]);
	});

	it("when the time was over, with a signal of its own", async () => {
		const removed: boolean[] = [];
		const note: Rule = (command, _, { signal }) => {
			if (DELETE.test(command)) removed.push(signal?.aborted ?? false);
			return undefined;
		};
		const results = await runSuite(healthyHybrid([note]), groupsNamed(["k3s"]), {}, AbortSignal.abort());
		expect(totalsOf(results)).toMatchObject({ failed: 5 });
		expect(removed).toEqual([false]);
	});

	it("or it is said that it is still there", async () => {
		const off: Rule = (command) => {
			if (DELETE.test(command)) throw new Error("c1 cannot be reached");
			return undefined;
		};
		const left: string[] = [];
		const leftBehind = (group: string, why: Error) => left.push(`${group}: ${why.message}`);
		const results = await runSuite(healthyHybrid([off]), groupsNamed(["k3s"]), { leftBehind });
		expect(totalsOf(results)).toMatchObject({ passed: 5 });
		expect(left).toEqual(["k3s: c1 cannot be reached"]);
	});
});

it("is skipped, with the reason, without k3s in the image", async () => {
	const results = await runSuite(healthySuite(), groupsNamed(["k3s"]), {});
	expect(results.map(({ verdict }) => verdict)).toEqual(Array(5).fill({ status: "skipped", reason: "no k3s in this image" }));
});

it("names its namespace as Kubernetes wants it, and lets pods nowhere be refused", () => {
	const { items } = podManifest("clusteros-test-0a1b2c") as { items: [unknown, { spec: { template: { spec: object } } }] };
	expect(items[1].spec.template.spec).toMatchObject({
		tolerations: [{ operator: "Exists" }],
		automountServiceAccountToken: false,
	});
});
