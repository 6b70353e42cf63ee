import { randomBytes } from "node:crypto";
import { KUBECTL } from "../../../core/node/k3s-paths.ts";
import type { LinkOptions } from "../../reach/types.ts";
import { patience, type Suite } from "../check.ts";
import { hasPart } from "../has.ts";
import { LABEL, NAME, podManifest } from "./pod-manifest.ts";

/** Seconds on metal until a DaemonSet runs everywhere: five emulated nodes on two processors took 194, at `slow` 8. */
const ROLLOUT = 60;
/** For one of kubectl's own answers: it is 265 MB of program to read. */
const ANSWER = 15;

/** What became of the pod for a node. */
export interface FoundPod {
	readonly phase: string;
	readonly address?: string | undefined;
	/** Phase, and why it is no further. */
	readonly words: string;
}

/** Starts a pod on every node and waits until all run, or the time is over. Returns them by node. @throws ToolError. */
export async function startPods(suite: Suite): Promise<ReadonlyMap<string, FoundPod>> {
	const namespace = `clusteros-test-${randomBytes(3).toString("hex")}`;
	await kubectl(suite, ["apply", "--filename=-"], { input: JSON.stringify(podManifest(namespace)) });
	const limit = patience(suite, ROLLOUT);
	const wait = ["rollout", "status", `daemonset/${NAME}`, `--namespace=${namespace}`, `--timeout=${Math.ceil(limit / 1000)}s`];
	// That not all run in time is seen below, pod by pod.
	await kubectl(suite, wait, { ok: "any", timeout: limit + patience(suite, ANSWER) });
	const list = async (what: string) => {
		const { stdout } = await kubectl(suite, ["get", what, `--namespace=${namespace}`, "--output=json"]);
		return JSON.parse(stdout).items;
	};
	const pods: readonly Pod[] = await list("pods");
	const allRun = pods.every(({ status }) => status?.phase === "Running");
	const events: readonly Event[] = allRun ? [] : await list("events");
	return new Map(pods.map((pod) => [nodeOf(pod), found(pod, events)]));
}

/** Takes away what this test, or one that was killed before it, has started; not waited for. Also when we are interrupted. */
export async function removePods(suite: Suite): Promise<void> {
	const remove = [...KUBECTL, "delete", "namespace", `--selector=${LABEL}=k3s`, "--wait=false"];
	const script = `${hasPart("k3s").join(" ")} || exit 0; ${remove.join(" ")}`;
	const timeout = patience(suite, 2 * ANSWER);
	await suite.controller.link.run(["sh", "-c", script], { as: "root", timeout, doing: "taking the test's pods away" });
}

async function kubectl(suite: Suite, argv: readonly string[], options: LinkOptions = {}) {
	const limits = { as: "root", timeout: patience(suite, ANSWER), signal: suite.signal, doing: `asking k3s to ${argv[0]}` };
	return suite.controller.link.run([...KUBECTL, ...argv], { ...limits, ...options });
}

/** As much of Kubernetes' Pod and Event as is looked at. */
interface Pod {
	readonly metadata: { readonly name: string };
	readonly spec: {
		readonly nodeName?: string;
		readonly affinity?: {
			readonly nodeAffinity?: {
				readonly requiredDuringSchedulingIgnoredDuringExecution?: {
					readonly nodeSelectorTerms?: readonly { readonly matchFields?: readonly { readonly values?: readonly string[] }[] }[];
				};
			};
		};
	};
	readonly status?: {
		readonly phase?: string;
		readonly podIP?: string;
		readonly reason?: string;
		readonly message?: string;
		readonly conditions?: readonly { readonly status: string; readonly message?: string }[];
		readonly containerStatuses?: readonly { readonly state?: { readonly [state: string]: Why } }[];
	};
}

interface Why {
	readonly reason?: string | undefined;
	readonly message?: string | undefined;
}

interface Event extends Why {
	readonly involvedObject: { readonly name: string };
	readonly type?: string;
}

/** A DaemonSet says by affinity for which node a pod is that the scheduler has not placed. */
function nodeOf({ spec }: Pod): string {
	const [term] = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
	return spec.nodeName ?? term?.matchFields?.[0]?.values?.[0] ?? "";
}

function found(pod: Pod, events: readonly Event[]): FoundPod {
	const { phase = "Unknown", podIP, reason, message, conditions = [], containerStatuses = [] } = pod.status ?? {};
	const states = containerStatuses.flatMap(({ state = {} }) => [state.waiting, state.terminated]);
	const refused = conditions.filter(({ status }) => status === "False");
	const warned = events.filter(({ type, involvedObject }) => type === "Warning" && involvedObject.name === pod.metadata.name);
	const why = [{ reason, message }, ...states, ...refused, ...warned.slice(-3)].flatMap((each) => wordsOf(each));
	return { phase, address: podIP, words: [...new Set([phase, ...why])].join("\n") };
}

function wordsOf(why: Why | undefined): readonly string[] {
	const words = [why?.reason, why?.message].filter(Boolean).join(": ");
	return words === "" ? [] : [words];
}
