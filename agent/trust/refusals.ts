import type { SerfRpc } from "../serf/rpc.ts";
import type { Refusal } from "./judge.ts";

/** Serf's user event by which a controller tells a node why it is left out. */
export const REFUSED = "clusteros-refused";

/**
 * Words between a controller and those it refuses, so that a node says on its own console why it is left out. They are not
 * signed and decide nothing: whoever could forge them could as well cut a node off.
 */
export class Refusals {
	readonly #told = new Set<string>();
	/** What a controller said why it does not let this node in. */
	reason: string | undefined;

	/** All are told again: one whose agent did not listen yet has missed it. */
	forgetTold(): void {
		this.#told.clear();
	}

	/** Tells each node once a boot of its own, and again when the reason changes. */
	async tell(refused: readonly Refusal[], by: string, rpc: SerfRpc | undefined): Promise<void> {
		for (const { id, reason, up, alive } of refused) {
			const mark = `${id} ${up} ${reason}`;
			if (!alive || rpc === undefined || this.#told.has(mark)) continue;
			this.#told.add(mark);
			await rpc.userEvent(REFUSED, JSON.stringify({ by, id, reason })).catch(() => this.#told.delete(mark));
		}
	}

	/** Takes in such words; true when they are for the node `id`. */
	hear(payload: string, id: string): boolean {
		try {
			const told = JSON.parse(payload) as Readonly<Record<string, unknown>>;
			if (told.id !== id) return false;
			this.reason = `${String(told.by)} refuses this node: ${String(told.reason)}`;
			return true;
		} catch {
			// Only a word to people: what cannot be read is not missed.
			return false;
		}
	}
}
