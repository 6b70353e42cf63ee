import { existsSync, mkdirSync } from "node:fs";
import type { Context } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { CA_CERT, CA_KEY, TLS } from "./paths.ts";
import { needServerSecrets } from "./tokens.ts";

/**
 * The cluster's authority lies where k3s takes it for its own (pkg/daemons/control/deps: what is there stays), before the first
 * start. What tells another one is never overwritten: k3s' data would be lost to its nodes. @throws then.
 */
export function keepAuthority(ctx: Context): void {
	const { ca_cert, ca_key } = needServerSecrets(ctx);
	const there = readText(ctx.world, CA_CERT);
	if (there !== undefined && existsSync(ctx.world.root + CA_KEY)) {
		if (there === ca_cert) return;
		throw new Error(`${CA_CERT} is not this cluster's authority: the data beside it are another cluster's; move ${TLS}/.. away`);
	}
	mkdirSync(ctx.world.root + TLS, { recursive: true, mode: 0o700 });
	// The key first: k3s looks for both, and one without the other is made anew.
	keepFile(ctx.world, { path: CA_KEY, content: ca_key, mode: 0o600 });
	keepFile(ctx.world, { path: CA_CERT, content: ca_cert, mode: 0o644 });
}
