import type { Context } from "../context.ts";
import { startDaemon, startedLately } from "../daemon/daemon.ts";
import { pace } from "../daemon/pace.ts";
import { record } from "../journal.ts";
import type { Wait } from "../machine.ts";
import { type ApiAnswer, type AskApi, kubeletAccess } from "./api.ts";
import { k3sUnit } from "./role.ts";

/** Milliseconds that the API may take, on metal. */
const TIMEOUT = 5000;
/** Seconds in which a kubelet that has just started makes its node known, on metal. */
const REGISTRATION = 60;

/** Kubernetes would give this node pods: its Ready condition says so. Returns what it waits for. */
export async function nodeReady(ctx: Context, api: AskApi): Promise<Wait | undefined> {
	const { name } = ctx.self;
	const access = kubeletAccess(ctx.world);
	if (access === undefined) return { wait: `${k3sUnit(ctx)} to get kubelet's certificate`, seconds: pace(ctx, 2) };
	const question = { method: "GET", path: `/api/v1/nodes/${name}`, timeout: TIMEOUT * ctx.cluster.slow } as const;
	const answer = await api(access, question).catch((error: Error) => error);
	if (answer instanceof Error) return { wait: `the Kubernetes API to answer (${answer.message})`, seconds: pace(ctx, 3) };
	if (answer.status === 200) return aboutCondition(ctx, answer);
	if (answer.status === 401 || answer.status === 404) await joinAgain(ctx, answer.status);
	return { wait: WORDS[answer.status]?.(name) ?? `the Kubernetes API, which answers ${answer.status}`, seconds: pace(ctx, 3) };
}

const WORDS: Readonly<Record<number, (name: string) => string>> = {
	401: () => "a new certificate: the server does not know kubelet's, its data are not those that this node joined",
	403: (name) => `kubelet to be let in as ${name}: its certificate is for another name`,
	404: (name) => `kubelet to make ${name} known`,
};

interface Condition {
	readonly type: string;
	readonly status: string;
	readonly message?: string;
}

/** The node's own Ready condition, in its words where it is not met. */
function aboutCondition(ctx: Context, { body }: ApiAnswer): Wait | undefined {
	const ready = readyOf(body);
	if (ready?.status === "True") return undefined;
	return { wait: `kubelet to be ready${ready?.message ? `: ${ready.message}` : ""}`, seconds: pace(ctx, 3) };
}

/** The Ready condition in a Node of the API's. */
export function readyOf(node: unknown): Condition | undefined {
	const conditions = (node as { status?: { conditions?: readonly Condition[] } } | null)?.status?.conditions;
	return conditions?.find(({ type }) => type === "Ready");
}

/**
 * A server that has lost its data knows neither this node nor its certificate, and both are only made when k3s starts. Not right
 * after a start, when they are on their way.
 */
async function joinAgain(ctx: Context, status: number): Promise<void> {
	const unit = k3sUnit(ctx);
	if (await startedLately(ctx, unit, REGISTRATION)) return;
	ctx.world.print(record("warning", { msg: `the Kubernetes API answers ${status} to this node: ${unit} is started again` }));
	await startDaemon(ctx, unit);
}
