/** Connections at once: enough for a rack, few enough for one machine's processes. */
const AT_ONCE = 32;

/** Does `work` for every item, some at once; answers in the items' order. The first that throws ends it. */
export async function forEach<T, R>(
	items: readonly T[],
	work: (item: T, index: number) => Promise<R>,
	atOnce = AT_ONCE,
): Promise<R[]> {
	const results: R[] = [];
	const queue = items.entries();
	const worker = async () => {
		for (const [index, item] of queue) results[index] = await work(item, index);
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
	return results;
}
