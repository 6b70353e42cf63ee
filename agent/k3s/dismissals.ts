import { rmSync } from "node:fs";
import { isK3sServer } from "../../core/node/k3s-servers.ts";
import type { Order } from "../../core/node/orders.ts";
import type { Context } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { record } from "../journal.ts";
import { type ApiAnswer, type AskApi, adminAccess } from "./api.ts";
import { readyOf } from "./node-ready.ts";
import { DISMISSALS } from "./paths.ts";
import { runsK3s } from "./role.ts";

/** By name of the node. */
type Dismissals = Readonly<Record<string, Dismissal>>;
type Dismissal = Pick<Order, "op" | "seq">;

/** Remembers, on a server, that Kubernetes has to be told of an order. Kept on disk: the API may be away for long. */
export function rememberOrder(ctx: Context, { op, name, seq }: Pick<Order, "op" | "name" | "seq">): void {
	if (!runsK3s(ctx) || !isK3sServer(ctx.cluster, ctx.self.name)) return;
	save(ctx, { ...load(ctx), [name]: { op, seq } });
}

/** Does what is still to be done of them; what did not work stays for the next time. */
export async function tellKubernetes(ctx: Context, api: AskApi): Promise<void> {
	const todo = load(ctx);
	const access = Object.keys(todo).length > 0 ? adminAccess(ctx.world) : undefined;
	if (access === undefined) return;
	for (const [name, order] of Object.entries(todo)) {
		const ask = (method: "GET" | "DELETE", path: string) => api(access, { method, path, timeout: 10_000 * ctx.cluster.slow });
		const removes = order.op === "forget" || (order.op === "readmit" && isK3sServer(ctx.cluster, name));
		const problem = await dismiss(ask, name, order, removes).catch((error: Error) => error.message);
		if (problem === undefined) done(ctx, name, order);
		else ctx.world.print(record("info", { msg: `Kubernetes is told later: ${order.op} ${name}`, reason: problem }));
	}
}

type Ask = (method: "GET" | "DELETE", path: string) => ReturnType<AskApi>;

/**
 * The password of a node's former installation is deleted, so that a new one of that name is let in. Of a forgotten node, and of
 * a server, the Node is deleted as well, once it is not ready: with it k3s takes the former server out of etcd, which refuses
 * another one of its name until then (v1.36, pkg/etcd/member_controller.go).
 */
async function dismiss(ask: Ask, name: string, { op, seq }: Dismissal, removes: boolean): Promise<string | undefined> {
	const node = `/api/v1/nodes/${name}`;
	const { status, body } = removes ? await ask("GET", node) : NOT_THERE;
	if (status !== 200 && status !== 404) return `the API answers ${status}`;
	if (status === 200) {
		if (op === "readmit" && (isNewer(body, seq) || (await livedSince(ask, name, seq)))) return undefined;
		if (readyOf(body)?.status === "True") return `${name} is still ready`;
		await expectGone(ask("DELETE", node));
	}
	return expectGone(ask("DELETE", `/api/v1/namespaces/kube-system/secrets/${name}.node-password.k3s`));
}

const NOT_THERE: ApiAnswer = { status: 404, body: undefined };

/** Whether the Node was made after the order was given: another server has been quicker, and this is the new installation. */
function isNewer(node: unknown, seq: number): boolean {
	const { creationTimestamp } = (node as { metadata?: { creationTimestamp?: string } } | undefined)?.metadata ?? {};
	return creationTimestamp !== undefined && Date.parse(creationTimestamp) > seq;
}

/**
 * Whether kubelet has said that it lives after the order was given (its number is the clock's, in milliseconds): the server is
 * back already, or was never away, and must not lose its place. Its Ready condition does not tell: one that was cut off, or
 * written anew, stays ready for most of a minute.
 */
async function livedSince(ask: Ask, name: string, seq: number): Promise<boolean> {
	const { status, body } = await ask("GET", `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${name}`);
	if (status !== 200 && status !== 404) throw new Error(`the API answers ${status}`);
	const { renewTime } = (body as { spec?: { renewTime?: string } } | undefined)?.spec ?? {};
	return renewTime !== undefined && Date.parse(renewTime) > seq;
}

/** @throws unless it is gone now; that it was before is as good. */
async function expectGone(asked: ReturnType<AskApi>): Promise<undefined> {
	const { status } = await asked;
	if (status !== 404 && (status < 200 || status > 299)) throw new Error(`the API answers ${status}`);
}

/** Another order about the same node may have come meanwhile. */
function done(ctx: Context, name: string, { op, seq }: Dismissal): void {
	const { [name]: now, ...others } = load(ctx);
	if (now?.op === op && now.seq === seq) save(ctx, others);
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
