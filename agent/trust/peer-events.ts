import type { PeerEvent } from "../context.ts";
import type { KnownPeer } from "./judge.ts";

/** What happened to peers between two looks. */
export function eventsBetween(before: readonly KnownPeer[], after: readonly KnownPeer[]): PeerEvent[] {
	const gone = before.filter(({ id }) => !after.some((peer) => peer.id === id));
	const events = after.flatMap((peer) => {
		const kind = kindOf(
			before.find(({ id }) => id === peer.id),
			peer,
		);
		return kind === undefined ? [] : [{ kind, peer }];
	});
	return [...gone.map((peer) => ({ kind: "forgotten" as const, peer: { ...peer, alive: false } })), ...events];
}

function kindOf(before: KnownPeer | undefined, peer: KnownPeer): PeerEvent["kind"] | undefined {
	// Rebooted before gossip missed it: for all that asks, it went and came back.
	if (peer.alive && (before === undefined || !before.alive || before.up !== peer.up)) return "joined";
	if (before?.alive && !peer.alive) return "vanished";
	return before !== undefined && contentOf(before) !== contentOf(peer) ? "changed" : undefined;
}

/** What others see of a peer: neither its number nor whether it is heard. */
function contentOf({ name, id, wg, endpoint, mesh, roles }: KnownPeer): string {
	return JSON.stringify([name, id, wg, endpoint, mesh, roles]);
}
