import { createHash } from "node:crypto";
import type { RequestOptions } from "node:https";
import { API_PORT } from "../../core/node/k3s-servers.ts";

/** Whether a server (its mesh address) already lets workers with this token join; `timeout` in milliseconds. */
export type LetsJoin = (server: string, token: string, timeout: number) => Promise<boolean>;

/**
 * A server takes connections long before it signs certificates; a worker's k3s that is started meanwhile asks for them again and
 * again, and several of them keep a slow server from ever getting there. Only "not yet" is waited for: what else is wrong k3s
 * finds and says itself. As k3s' own agent asks (v1.36, pkg/clientaccess/token.go, pkg/server/handlers/router.go): the authority
 * is taken from the server, held against the hash in the token, and only then is the token's password sent.
 */
export const letsJoin: LetsJoin = async (server, token, timeout) => joinsAt(`https://${server}:${API_PORT}`, token, timeout);

/** As {@link letsJoin}, at a URL. */
export async function joinsAt(url: string, token: string, timeout: number): Promise<boolean> {
	const [, hash, user, password] = /^K10([0-9a-f]{64})::([^:]+):(.*)$/.exec(token) ?? [];
	if (hash === undefined) return true;
	try {
		const { body: ca } = await get(`${url}/cacerts`, { timeout, rejectUnauthorized: false });
		if (createHash("sha256").update(ca).digest("hex") !== hash) return true;
		const { status } = await get(`${url}/v1-k3s/readyz`, { timeout, ca, auth: `${user}:${password}` });
		return status !== 503;
	} catch {
		return false;
	}
}

async function get(url: string, options: RequestOptions): Promise<{ status: number; body: string }> {
	// Only where k3s runs: the module costs memory and a part of the agent's start.
	const { request } = await import("node:https");
	return new Promise((resolve, reject) => {
		const asked = request(url, { ...options, agent: false }, (answer) => {
			let body = "";
			answer.setEncoding("utf8");
			answer.on("data", (part: string) => {
				body += part;
			});
			answer.once("error", reject);
			answer.once("end", () => resolve({ status: answer.statusCode ?? 0, body }));
		});
		asked.once("timeout", () => asked.destroy(new Error("no answer")));
		asked.once("error", reject);
		asked.end();
	});
}
