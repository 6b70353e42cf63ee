/** Milliseconds, from any origin. */
export interface Clocks {
	readonly wall: () => number;
	/** Never set by anybody. */
	readonly monotonic: () => number;
}

const real: Clocks = { wall: Date.now, monotonic: () => process.uptime() * 1000 };

/** What a clock loses or gains by slewing and by reading the two clocks one after the other stays below. Milliseconds. */
const NOISE = 500;

/**
 * Notices that the wall clock was set. The function returned tells by how many seconds since it was last asked:
 * negative when it went backwards, 0 when nobody touched it.
 */
export function watchSteps(clocks: Clocks = real): () => number {
	const distance = () => clocks.wall() - clocks.monotonic();
	let last = distance();
	return () => {
		const now = distance();
		const step = now - last;
		last = now;
		return Math.abs(step) < NOISE ? 0 : step / 1000;
	};
}
