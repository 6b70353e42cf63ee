import { AGENT_TOKEN_FILE, TOKEN_FILE } from "../../core/node/files/k3s-config.ts";
import { longToken } from "../../core/node/k3s-token.ts";
import type { NodeFile } from "../../core/node/types.ts";
import type { Context } from "../context.ts";

/** Files of the tokens, for root alone. @throws when the seed lacks what this node's role needs. */
export function tokenFiles(ctx: Context, isServer: boolean): NodeFile[] {
	const secret = (path: string, content: string): NodeFile => ({ path, content, mode: 0o600 });
	const { token, agent_token, ca_cert } = ctx.secrets().k3s!;
	// A seed for the whole cluster has the servers' token, which an agent is refused with: it calls itself node, whatever it has.
	const asAgent = agent_token !== undefined && ca_cert !== undefined ? longToken("node", agent_token, ca_cert) : token;
	if (!isServer) return [secret(TOKEN_FILE, asAgent)];
	return [secret(TOKEN_FILE, token), secret(AGENT_TOKEN_FILE, needServerSecrets(ctx).agent_token)];
}

/** What only servers have. @throws when the seed was made for another role. */
export function needServerSecrets(ctx: Context): { agent_token: string; ca_cert: string; ca_key: string } {
	const { agent_token, ca_cert, ca_key, server } = ctx.secrets().k3s!;
	if (!server || agent_token === undefined || ca_cert === undefined || ca_key === undefined) {
		throw new Error(`the seed of ${ctx.self.name} lacks the secrets of a k3s server; make it anew: clusteros seed`);
	}
	return { agent_token, ca_cert, ca_key };
}
