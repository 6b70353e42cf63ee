import type { RequestOptions } from "node:https";

/** What a server has answered. */
export interface HttpsAnswer {
	/** HTTP's. */
	readonly status: number;
	readonly text: string;
}

/** One question, on a connection of its own; `timeout` in milliseconds. @throws when nobody answers in time. */
export async function https(url: string | URL, options: RequestOptions & { readonly timeout: number }): Promise<HttpsAnswer> {
	// Only where k3s runs: the module costs memory and a part of the agent's start.
	const { request } = await import("node:https");
	return new Promise((resolve, reject) => {
		// No agent, which would keep the connection.
		const asked = request(url, { ...options, agent: false }, (answer) => {
			const parts: Buffer[] = [];
			answer.on("data", (part: Buffer) => parts.push(part));
			answer.once("error", reject);
			answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(parts).toString() }));
		});
		asked.once("timeout", () => asked.destroy(new Error(`no answer within ${options.timeout / 1000} s`)));
		asked.once("error", reject);
		asked.end();
	});
}
