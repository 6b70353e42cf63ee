import { createHash } from "node:crypto";
import { API_PORT } from "../../core/node/k3s-servers.ts";
import { https } from "./https.ts";

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
		const { text: ca } = await https(`${url}/cacerts`, { timeout, rejectUnauthorized: false });
		if (createHash("sha256").update(ca).digest("hex") !== hash) return true;
		const { status } = await https(`${url}/v1-k3s/readyz`, { timeout, ca, auth: `${user}:${password}` });
		return status !== 503;
	} catch {
		return false;
	}
}
