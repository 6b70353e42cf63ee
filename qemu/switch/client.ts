import { connect, type Socket } from "node:net";
import { within } from "../../core/deadline.ts";
import type { Answer, Order } from "./orders.ts";

/** Milliseconds; the switch answers in one. */
const ANSWER_TIMEOUT = 5000;

/** Gives the switch an order and returns its answer. @throws Error when it does not run or does not answer. */
export async function order(control: string, given: Order): Promise<Answer> {
	const socket = connect({ path: control });
	try {
		const answer = firstLine(socket);
		socket.write(`${JSON.stringify(given)}\n`);
		return JSON.parse(await within(ANSWER_TIMEOUT, answer, `no answer from the switch to "${given.order}"`)) as Answer;
	} finally {
		socket.destroy();
	}
}

function firstLine(socket: Socket): Promise<string> {
	return new Promise((resolve, reject) => {
		let text = "";
		socket.setEncoding("utf8").on("data", (chunk: string) => {
			text += chunk;
			if (text.includes("\n")) resolve(text.split("\n")[0]!);
		});
		socket.on("error", reject);
		socket.on("close", () => reject(new Error("the switch closed the connection")));
	});
}
