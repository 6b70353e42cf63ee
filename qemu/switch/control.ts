import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { LanSwitch } from "./lan-switch.ts";
import { type Answer, parseOrder } from "./orders.ts";

/** Takes orders on a unix socket that its owner alone may open: a JSON object a line, answered by one. */
export function listen(path: string, lan: LanSwitch, stop: () => void): Promise<Server> {
	rmSync(path, { force: true });
	const server = createServer((client) => serve(client, lan, stop));
	return new Promise((resolve, reject) => {
		server.on("error", reject);
		server.listen(path, () => {
			chmodSync(path, 0o600);
			resolve(server);
		});
	});
}

async function serve(client: Socket, lan: LanSwitch, stop: () => void): Promise<void> {
	client.on("error", () => {});
	for await (const line of createInterface({ input: client })) {
		const { answer, last } = await obey(line, lan);
		client.write(`${JSON.stringify(answer)}\n`);
		if (last) client.end(stop);
	}
}

async function obey(line: string, lan: LanSwitch): Promise<{ answer: Answer; last?: boolean }> {
	try {
		const order = parseOrder(line);
		if (order.order === "stop") return { answer: { ok: true }, last: true };
		if (order.order === "stats") return { answer: { ok: true, stats: lan.stats() } };
		await lan.obey(order);
		return { answer: { ok: true } };
	} catch (error) {
		const { message, code } = error as NodeJS.ErrnoException;
		return { answer: { ok: false, error: message, code } };
	}
}
