import { type Answer, ask, saidBy } from "./ask.ts";
import type { Complaint, Group, Suite, TestNode } from "./check.ts";
import { expectThat, perNode, shownBy, verdictOf } from "./verdict.ts";

/** Serf's RPC wants a key that only root can read; by the environment, since anybody can read a command line. */
const MEMBERS = [
	"sh",
	"-c",
	`SERF_RPC_AUTH=$(sed -n 's/.*"rpc_auth" *: *"\\([^"]*\\)".*/\\1/p' /etc/clusteros/serf.json)
export SERF_RPC_AUTH; exec serf members -format=json -status=alive`,
];

/** Serf on the node sees every node of the cluster alive, each once. Machines that cluster.toml does not name may be there too. */
export const discovery: Group = {
	name: "discovery",
	checks: perNode("discovery", async (node, suite) => {
		const { members } = await ask(suite, node, { members: MEMBERS });
		return verdictOf(aboutMembers(suite, node, members));
	}),
};

function aboutMembers(suite: Suite, node: TestNode, answer: Answer): readonly Complaint[] {
	const alive = namesIn(answer);
	const once = suite.nodes.filter(({ name }) => alive?.filter((seen) => seen === name).length === 1);
	return expectThat(once.length === suite.nodes.length, {
		node: node.name,
		expected: `${suite.nodes.length} members alive: ${suite.nodes.map(({ name }) => name).join(" ")}`,
		seen: alive === undefined ? saidBy(answer) : `${alive.length}: ${alive.join(" ")}`,
		command: shownBy(suite, node, MEMBERS, "root"),
	});
}

/** Serf's own names are `<node>.<first digits of its id>`. */
function namesIn({ text }: Answer): string[] | undefined {
	try {
		const { members } = JSON.parse(text) as { members: { name: string }[] };
		return members.map(({ name }) => name.replace(/\.[0-9a-f]+$/, "")).toSorted();
	} catch {
		return undefined;
	}
}
