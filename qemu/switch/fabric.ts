/** What is wrong with a machine's cable; holds in both directions. */
export interface Cable {
	readonly cut: boolean;
	/** Share of the frames that are lost, 0 to 1, each way. */
	readonly loss: number;
	/** Milliseconds that each frame takes longer, each way. */
	readonly delay: number;
}

export const GOOD_CABLE: Cable = { cut: false, loss: 0, delay: 0 };

/** A frame that leaves the switch. */
export interface Delivery {
	readonly to: string;
	/** Milliseconds to keep it. */
	readonly delay: number;
}

/** MAC address (as a number) to the machine behind whose cable it was seen last. */
export type MacTable = Map<number, string>;

/** More than any cluster has; a guest that makes addresses up must not fill our memory. */
const TABLE_SIZE = 4096;
const TARGET = 0;
const SOURCE = 6;
const HEADER = 14;

/** Remembers who sent the frame. */
export function learn(frame: Uint8Array, from: string, table: MacTable): void {
	if (frame.length < HEADER || isGroup(frame, SOURCE)) return;
	const source = macNumber(frame, SOURCE);
	if (table.get(source) === from) return;
	if (table.size >= TABLE_SIZE) table.clear();
	table.set(source, from);
}

/**
 * Where a frame goes: to the one machine that has its address, or to all others when that is not known or it is for a group
 * (IEEE 802.1D). `random` gives numbers from 0 up to 1 and is asked only where a cable loses frames.
 */
export function forward(
	frame: Uint8Array,
	from: string,
	table: ReadonlyMap<number, string>,
	cables: ReadonlyMap<string, Cable>,
	random: () => number,
): Delivery[] {
	if (frame.length < HEADER) return [];
	const known = isGroup(frame, TARGET) ? undefined : table.get(macNumber(frame, TARGET));
	const targets = known !== undefined && cables.has(known) ? [known] : [...cables.keys()];
	const first = cables.get(from);
	if (!first || !passes(first, random)) return [];
	return targets.flatMap((to) => {
		const last = cables.get(to);
		return to !== from && last && passes(last, random) ? [{ to, delay: first.delay + last.delay }] : [];
	});
}

/** How the switch's own answer gets back to who asked: over the same cable twice. */
export function echo(to: string, cables: ReadonlyMap<string, Cable>, random: () => number): Delivery[] {
	const cable = cables.get(to);
	return cable && passes(cable, random) && passes(cable, random) ? [{ to, delay: 2 * cable.delay }] : [];
}

function passes({ cut, loss }: Cable, random: () => number): boolean {
	return !cut && (loss === 0 || random() >= loss);
}

function isGroup(frame: Uint8Array, at: number): boolean {
	return (frame[at]! & 1) === 1;
}

/** The six bytes as a number: half the cost of a text as a key. */
function macNumber(frame: Uint8Array, at: number): number {
	const high = (frame[at]! << 8) | frame[at + 1]!;
	const low = ((frame[at + 2]! << 24) | (frame[at + 3]! << 16) | (frame[at + 4]! << 8) | frame[at + 5]!) >>> 0;
	return high * 2 ** 32 + low;
}
