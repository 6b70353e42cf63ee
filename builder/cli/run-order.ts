import { checkName, giveOrder, type Order, refusalOf } from "../../cluster/operate/order.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { CommandContext } from "./context.ts";
import { printJson } from "./node-output.ts";

/** As typed. */
export interface OrderOptions {
	readonly json: boolean;
}

/** Gives a controller the order about `name` and says what is left to do. */
export async function runOrder(
	order: Order,
	dir: string,
	name: string,
	options: OrderOptions,
	{ signal }: CommandContext,
): Promise<void> {
	const reached = await openReach(dir);
	const node = checkName(name);
	const taken = await giveOrder(reached, order, node, signal).catch((error) => {
		throw refusalOf(error, order, node);
	});
	const stillDescribed = order === "forget" && reached.nodes.some((each) => each.name === node);
	if (options.json) return printJson({ order, ...taken, stillDescribed });
	process.stdout.write(`${taken.said || `${taken.controller} took the order to ${order} ${node}`}\n`);
	if (stillDescribed) process.stdout.write(`${node} is still in ${reached.described.file}: take it out there, too\n`);
}
