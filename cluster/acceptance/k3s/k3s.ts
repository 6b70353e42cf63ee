import { poll } from "../../../core/deadline.ts";
import { type Answer, ask, saidBy } from "../ask.ts";
import { type Complaint, type Group, patience, type Suite, type TestNode } from "../check.ts";
import { hasPart, lacksPart } from "../has.ts";
import { expectThat, nextTo, once, perNode, shownBy, verdictOf } from "../verdict.ts";
import { PORT } from "./pod-manifest.ts";
import { type FoundPod, removePods, startPods } from "./pods.ts";

/**
 * A pod on the node is Running and answers on its pod address from the next node, and the process that runs its kubelet
 * holds /dev/kmsg open. Without k3s there is nothing to ask, which is no pass.
 */
export const k3s: Group = {
	name: "k3s",
	checks: (suite) => {
		const pods = once(() => startPods(suite));
		return perNode("k3s", async (node) => {
			const seen = await ask(suite, node, { binary: hasPart("k3s"), kmsg: HOLDS_KMSG });
			const lacks = lacksPart("k3s", seen.binary);
			if (lacks) return lacks;
			const pod = (await pods()).get(node.name);
			return verdictOf([...aboutKmsg(suite, node, seen.kmsg), ...(await aboutPod(suite, node, pod))]);
		})(suite);
	},
	cleanUp: removePods,
};

/** Of the k3s that runs here, as server or agent: kubelet is a part of its process. Prints the descriptors that are /dev/kmsg. */
const HOLDS_KMSG = [
	"sh",
	"-c",
	`for pid in $(systemctl show --property=MainPID --value k3s-server.service k3s-agent.service); do
	[ "$pid" = 0 ] || find "/proc/$pid/fd" -lname /dev/kmsg
done`,
];

function aboutKmsg(suite: Suite, node: TestNode, answer: Answer): readonly Complaint[] {
	return expectThat(/^\/proc\/\d+\/fd\/\d+$/m.test(answer.text), {
		node: node.name,
		expected: "the process that runs kubelet holds /dev/kmsg open",
		seen: answer.text.trim() || "it does not, or k3s does not run",
		command: shownBy(suite, node, HOLDS_KMSG, "root"),
	});
}

async function aboutPod(suite: Suite, node: TestNode, pod: FoundPod | undefined): Promise<readonly Complaint[]> {
	const complaint = {
		node: node.name,
		command: shownBy(suite, suite.controller, ["kubectl", "get", "nodes,pods", "-A", "-o", "wide"], "root"),
	};
	if (pod?.phase !== "Running" || pod.address === undefined)
		return expectThat(false, { ...complaint, expected: "a pod that is Running there", seen: pod?.words ?? "no pod" });
	const from = nextTo(suite, node);
	const get = [...GET, pod.address, String(PORT)];
	const answer = await untilAnswered(suite, from, get);
	return expectThat(isFrom(node, answer), {
		node: node.name,
		expected: `its pod answers ${from.name} at ${pod.address}:${PORT} with "${node.name}"`,
		seen: saidBy(answer),
		command: shownBy(suite, from, get),
	});
}

/** bash's own sockets: a node has no curl, and Debian's static busybox dies looking names up (its wget and nc do, 1.35). */
const GET = [
	"timeout",
	"5",
	"bash",
	"-c",
	String.raw`exec 3<>/dev/tcp/$0/$1 && printf "GET /name HTTP/1.0\r\n\r\n" >&3 && cat <&3`,
];

/** Seconds on metal until a program that runs listens, and its node's route is known to the others. */
const ANSWERS = 10;

/** Looks until anybody answers there, whoever it is, or the time is over. */
async function untilAnswered(suite: Suite, from: TestNode, get: readonly string[]): Promise<Answer> {
	let last: Answer = { code: 1, text: "" };
	const look = async () => {
		last = (await ask(suite, from, { get })).get;
		return last.code === 0 ? last : undefined;
	};
	await poll(look, { timeout: patience(suite, ANSWERS), every: Math.min(1000, patience(suite, 1)), signal: suite.signal });
	return last;
}

function isFrom({ name }: TestNode, { code, text }: Answer): boolean {
	const [head = "", body = ""] = text.split(/\r?\n\r?\n/, 2);
	return code === 0 && /^HTTP\/1\.[01] 200/.test(head) && body.trim() === name;
}
