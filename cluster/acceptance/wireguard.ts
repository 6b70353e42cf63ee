import { type Answer, ask, saidBy } from "./ask.ts";
import type { Complaint, Group, Suite, TestNode } from "./check.ts";
import { expectThat, others, perNode, shownBy, verdictOf } from "./verdict.ts";

/** WireGuard makes a new handshake every 2 minutes as long as anything is sent, and keepalive sees to that. */
const FRESH = 180;
/** A handshake of this very second may carry the next one's number. */
const AHEAD = 2;

/** wg0 is up, and every other node is a peer with a young handshake and keepalive. */
export const wireguard: Group = {
	name: "wireguard",
	checks: perNode("wireguard", async (node, suite) => {
		const seen = await ask(suite, node, {
			link: ["ip", "link", "show", "up", "dev", "wg0"],
			ips: ["wg", "show", "wg0", "allowed-ips"],
			handshakes: ["wg", "show", "wg0", "latest-handshakes"],
			keepalive: ["wg", "show", "wg0", "persistent-keepalive"],
			now: ["date", "+%s"],
		});
		const up = expectThat(/\bwg0:/.test(seen.link.text), {
			node: node.name,
			expected: "wg0 is up",
			seen: saidBy(seen.link),
			command: shownBy(suite, node, ["ip", "link", "show", "dev", "wg0"]),
		});
		return verdictOf([...up, ...others(suite, node).flatMap((peer) => aboutPeer(suite, node, peer, seen))]);
	}),
};

type Seen = Readonly<Record<"ips" | "handshakes" | "keepalive" | "now", Answer>>;

function aboutPeer(suite: Suite, node: TestNode, peer: TestNode, seen: Seen): readonly Complaint[] {
	const complain = (expected: string, what: string): Complaint[] => [
		{
			node: node.name,
			expected,
			seen: what,
			command: shownBy(suite, node, ["wg", "show", "wg0"], "root"),
		},
	];
	const key = [...table(seen.ips)].find(([, ips]) => ips.split(" ").includes(`${peer.mesh}/32`))?.[0];
	if (key === undefined) return complain(`a peer for ${peer.name} (${peer.mesh}/32)`, saidBy(seen.ips));
	const at = Number(table(seen.handshakes).get(key) ?? 0);
	const age = Number(seen.now.text) - at;
	if (at === 0) return complain(`a handshake with ${peer.name}`, "none so far");
	if (!(age >= -AHEAD && age < FRESH)) return complain(`a handshake with ${peer.name} within ${FRESH} s`, `${age} s ago`);
	const keepalive = table(seen.keepalive).get(key);
	return Number(keepalive) > 0 ? [] : complain(`keepalive towards ${peer.name}`, keepalive ?? "none");
}

/** `wg show`'s lines of key and value. */
function table({ text }: Answer): ReadonlyMap<string, string> {
	return new Map(text.split("\n").flatMap((line) => (line.includes("\t") ? [line.split("\t", 2) as [string, string]] : [])));
}
