import { rmSync } from "node:fs";
import { isK3sServer } from "../../core/node/k3s-servers.ts";
import type { Order } from "../../core/node/orders.ts";
import type { Context } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { record } from "../journal.ts";
import { type Access, type AskApi, adminAccess } from "./api.ts";
import { readyOf } from "./node-ready.ts";
import { DISMISSALS } from "./paths.ts";
import { runsK3s } from "./role.ts";

type Dismissals = Readonly<Record<string, Order["op"]>>;

/** Remembers, on a server, that Kubernetes has to be told of an order. Kept on disk: the API may be away for long. */
export function rememberOrder(ctx: Context, { op, name }: Pick<Order, "op" | "name">): void {
	if (!runsK3s(ctx) || !isK3sServer(ctx.cluster, ctx.self.name)) return;
	save(ctx, { ...load(ctx), [name]: op });
}

/** Does what is still to be done of them; what did not work stays for the next time. */
export async function tellKubernetes(ctx: Context, api: AskApi): Promise<void> {
	const todo = load(ctx);
	const access = Object.keys(todo).length > 0 ? adminAccess(ctx.world) : undefined;
	if (access === undefined) return;
	for (const [name, op] of Object.entries(todo)) {
		const problem = await dismiss(ctx, { access, api }, name, op).catch((error: Error) => error.message);
		if (problem === undefined) done(ctx, name, op);
		else ctx.world.print(record("info", { msg: `Kubernetes is told later: ${op} ${name}`, reason: problem }));
	}
}

interface Api {
	readonly access: Access;
	readonly api: AskApi;
}

/**
 * The password of a node's former installation is deleted, so that a new one of that name is let in. Of a forgotten node, and of
 * a server, whose place in etcd goes with it, the Node is deleted as well, once it is not ready: the order may be an old one.
 */
async function dismiss(ctx: Context, { access, api }: Api, name: string, op: Order["op"]): Promise<string | undefined> {
	const ask = (method: "GET" | "DELETE", path: string) => api(access, { method, path, timeout: 10_000 * ctx.cluster.slow });
	const node = `/api/v1/nodes/${name}`;
	const removes = op === "forget" || (op === "readmit" && isK3sServer(ctx.cluster, name));
	if (removes) {
		const { status, body } = await ask("GET", node);
		const isThere = status === 200;
		if (!isThere && status !== 404) return `the API answers ${status}`;
		if (isThere && readyOf(body)?.status === "True") return op === "forget" ? `${name} is still ready` : undefined;
		if (isThere) await expectGone(ask("DELETE", node));
	}
	return expectGone(ask("DELETE", `/api/v1/namespaces/kube-system/secrets/${name}.node-password.k3s`));
}

/** @throws unless it is gone now; that it was before is as good. */
async function expectGone(asked: ReturnType<AskApi>): Promise<undefined> {
	const { status } = await asked;
	if (status !== 404 && (status < 200 || status > 299)) throw new Error(`the API answers ${status}`);
}

/** Another order about the same node may have come meanwhile. */
function done(ctx: Context, name: string, op: Order["op"]): void {
	const { [name]: now, ...others } = load(ctx);
	if (now === op) save(ctx, others);
	ctx.world.print(record("info", { msg: `Kubernetes knows no more of the former ${name}`, peer: name }));
}

function load({ world }: Context): Dismissals {
	try {
		return JSON.parse(readText(world, DISMISSALS) ?? "{}") as Dismissals;
	} catch {
		return {};
	}
}

function save({ world }: Context, dismissals: Dismissals): void {
	if (Object.keys(dismissals).length === 0) rmSync(world.root + DISMISSALS, { force: true });
	else keepFile(world, { path: DISMISSALS, content: `${JSON.stringify(dismissals)}\n`, mode: 0o600 });
}
