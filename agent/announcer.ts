import { type AnnounceKey, sealAnnouncement } from "../core/node/announce.ts";
import type { Member } from "../core/node/types.ts";
import { type Counters, loadCounters, saveCounters } from "./counters.ts";
import type { Identity } from "./identity.ts";
import type { SerfRpc } from "./serf/rpc.ts";
import { UP_TAG } from "./trust/roster.ts";
import type { World } from "./world.ts";

export interface AnnouncerOptions {
	readonly world: World;
	/** The kernel's boot id. */
	readonly boot: string;
	readonly identity: Identity;
	/** WireGuard's public key. */
	readonly wg: string;
	readonly self: () => Member;
	/** The key in use; undefined when the seed has none. */
	readonly announceKey: () => AnnounceKey | undefined;
}

/** What this node says of itself in gossip. */
export class Announcer {
	readonly #options: AnnouncerOptions;
	#tags: Readonly<Record<string, string>> = {};
	#said = "";
	#clockSteps = 0;

	constructor(options: AnnouncerOptions) {
		this.#options = options;
	}

	/** The wall clock was put back: others have to meet this node anew. */
	countClockStep(): void {
		this.#clockSteps++;
	}

	/** Serf's tags for what holds now; signed anew, under a higher number, when that has changed. */
	tags(endpoint: string): Readonly<Record<string, string>> {
		const announceKey = this.#options.announceKey();
		if (announceKey === undefined) throw new Error("the seed has no announce key; make it again: clusteros seed");
		const up = `${this.#options.boot.slice(0, 8)}.${this.#clockSteps}`;
		const saying = JSON.stringify([this.#options.self(), endpoint, announceKey.generation, up]);
		if (saying !== this.#said) this.#tags = { ...this.#seal(endpoint, announceKey), [UP_TAG]: up };
		this.#said = saying;
		return this.#tags;
	}

	/** Has Serf say the tags, where it says something else. `own`: what it says now. */
	async say(rpc: SerfRpc, endpoint: string, own: Readonly<Record<string, string>>): Promise<void> {
		const tags = this.tags(endpoint);
		const old = Object.keys(own).filter((tag) => !Object.hasOwn(tags, tag));
		const same = old.length === 0 && Object.entries(tags).every(([tag, value]) => own[tag] === value);
		if (!same) await rpc.setTags(tags, old);
	}

	#seal(endpoint: string, announceKey: AnnounceKey): Record<string, string> {
		const { world, identity, wg, self } = this.#options;
		const { name, mesh, roles } = self();
		const seq = nextSeq(world);
		const announcement = { v: 1 as const, name, id: identity.id, wg, endpoint, mesh, roles: [...roles], seq };
		return sealAnnouncement(announcement, identity.key, announceKey);
	}
}

/**
 * A number higher than any before: also when the counter was lost with the disk, since a controller keeps its identity then
 * and others remember its last number. It is on disk before anybody hears it.
 */
function nextSeq(world: World): number {
	const counters: Counters = loadCounters(world);
	const seq = Math.max(counters.seq + 1, Math.floor(world.now().getTime() / 1000));
	saveCounters(world, { ...counters, seq });
	return seq;
}
