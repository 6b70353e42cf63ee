import { type Answer, ask, saidBy } from "./ask.ts";
import { type Complaint, type Group, patience, type Suite, type TestNode } from "./check.ts";
import { expectThat, others, perNode, shownBy, verdictOf } from "./verdict.ts";

/** Seconds on metal that an answer may take. */
const ANSWER = 1;

/** The node reaches all others by mesh address and by name, and the name leads to that address. */
export const network: Group = {
	name: "network",
	checks: perNode("network", async (node, suite) => {
		const peers = others(suite, node);
		const byName = Object.fromEntries(peers.map((peer) => [peer.name, ping(suite, peer.name)]));
		// With a single node the mesh is its own address.
		const byAddress = Object.fromEntries((peers.length > 0 ? peers : [node]).map(({ mesh }) => [mesh, ping(suite, mesh)]));
		const seen: Readonly<Record<string, Answer>> = await ask(suite, node, { ...byName, ...byAddress });
		const addresses = Object.keys(byAddress).flatMap((mesh) => aboutPing(suite, node, mesh, mesh, seen[mesh]!));
		const names = peers.flatMap((peer) => aboutPing(suite, node, peer.name, peer.mesh, seen[peer.name]!));
		return verdictOf([...addresses, ...names]);
	}),
};

function ping(suite: Suite, to: string): string[] {
	return ["ping", "-n", "-c", "1", "-W", String(Math.ceil(patience(suite, ANSWER) / 1000)), to];
}

/** ping's first line names the address that it takes: `PING n1 (10.90.0.2) 56(84) bytes of data.` */
function aboutPing(suite: Suite, node: TestNode, to: string, mesh: string, answer: Answer): readonly Complaint[] {
	const taken = /^PING \S+ \(([\d.]+)\)/m.exec(answer.text)?.[1];
	return expectThat(answer.code === 0 && taken === mesh, {
		node: node.name,
		expected: to === mesh ? `${mesh} answers` : `${to} is ${mesh} and answers`,
		seen: saidBy(answer),
		command: shownBy(suite, node, ["ping", "-c", "1", to]),
	});
}
