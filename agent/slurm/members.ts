import type { Context, PeerEvent } from "../context.ts";
import { record } from "../journal.ts";
import { hasOnlyVanished, type ListedNode, listNodes, scontrol } from "./scontrol.ts";
import { hasSlurm, isSlurmController, isWorker } from "./slurm.ts";
import { registerAgain } from "./worker.ts";

/** Seconds until this is asked again without an event: in peace, and while somebody is between here and gone. */
const PEACE = 120;
const UNREST = 15;

/**
 * What SLURM has to be told when nodes come and go. On slurmctld's node: a forgotten node is deleted, one that is back and was
 * down only because it had vanished is resumed; one that an admin drained stays drained. On a worker: when the controller has
 * lost its list, slurmd makes itself known again. Returns after how many seconds to ask again, with no events.
 */
export async function onMembers(ctx: Context, events: readonly PeerEvent[]): Promise<number> {
	if (!hasSlurm(ctx)) return PEACE;
	const waits = [isSlurmController(ctx) ? await tend(ctx, events) : PEACE, isWorker(ctx) ? await beKnown(ctx) : PEACE];
	return Math.min(...waits);
}

async function tend(ctx: Context, events: readonly PeerEvent[]): Promise<number> {
	for (const { kind, peer } of events) if (kind === "forgotten") await forget(ctx, peer.name);
	const listed = await listNodes(ctx);
	if (listed === undefined) return UNREST;
	const present = new Set(
		ctx
			.peers()
			.filter(({ alive }) => alive)
			.map(({ name }) => name),
	);
	const back = listed.filter(({ name }) => present.has(name));
	for (const node of back.filter(hasOnlyVanished)) await resume(ctx, node);
	// A node that gossip hears and SLURM does not yet: it will answer, or go down and have to be resumed then.
	return back.some(({ state }) => state.includes("NOT_RESPONDING")) ? UNREST : PEACE;
}

async function resume(ctx: Context, { name }: ListedNode): Promise<void> {
	const { code, stdout, stderr } = await scontrol(ctx, "update", `nodename=${name}`, "state=resume");
	if (code === 0) ctx.world.print(record("info", { msg: `${name} is back and takes jobs again`, peer: name }));
	else
		ctx.world.print(
			record("warning", { msg: `${name} is back but SLURM does not resume it: ${(stderr || stdout).trim()}`, peer: name }),
		);
}

/** Down first: a node with jobs on it cannot be deleted, and those jobs are lost anyway. */
async function forget(ctx: Context, name: string): Promise<void> {
	const listed = await listNodes(ctx, name);
	if (!listed?.length) return;
	await scontrol(ctx, "update", `nodename=${name}`, "state=down", "reason=forgotten");
	const { code, stdout, stderr } = await scontrol(ctx, "delete", `nodename=${name}`);
	if (code === 0) ctx.world.print(record("info", { msg: `${name} is forgotten and deleted from SLURM`, peer: name }));
	else ctx.world.print(record("warning", { msg: `SLURM does not delete ${name}: ${(stderr || stdout).trim()}`, peer: name }));
}

async function beKnown(ctx: Context): Promise<number> {
	const listed = await listNodes(ctx, ctx.self.name);
	if (listed === undefined) return UNREST;
	if (listed.length > 0) return PEACE;
	if (await registerAgain(ctx))
		ctx.world.print(record("warning", { msg: "the controller had lost its list of nodes: slurmd was restarted" }));
	return UNREST;
}
