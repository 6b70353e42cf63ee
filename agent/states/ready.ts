import { existsSync, readFileSync } from "node:fs";
import { CHRONY_FILE } from "../../core/node/files/chrony.ts";
import { K3S } from "../../core/node/files/k3s-config.ts";
import { nodeFiles } from "../../core/node/files/node-files.ts";
import type { NodeFile } from "../../core/node/types.ts";
import { type Agent, joinedOf } from "../agent.ts";
import { ignoreMissing } from "../atomic-file.ts";
import { keepClock } from "../clock/keep-clock.ts";
import type { Joined } from "../joined.ts";
import { k3sRuns } from "../k3s/watch.ts";
import type { Outcome, StateName } from "../machine.ts";
import { INTERFACE } from "../mesh/wg.ts";
import { hasDrifted } from "../node-file.ts";
import { NETWORK_CLASS } from "../paths.ts";
import { scrubCopies, scrubVolumes } from "../seed/scrub.ts";
import { onMembers } from "../slurm/members.ts";
import { hasSlurm, isSlurmController, isWorker } from "../slurm/slurm.ts";
import type { World } from "../world.ts";
import { findLan } from "./discover.ts";

/** Seconds between two looks at what no event tells. */
const ROUND = 30;

/**
 * The node does its part, and is watched: members that come and go, files, daemons, the clock, the LAN.
 * Transitions to: discover (Serf or the LAN address is gone), mesh (wg0 is gone), munge (a daemon died, a file was changed, the clock is wrong),
 * k3s (it died).
 */
export async function ready(agent: Agent): Promise<Outcome> {
	const joined = joinedOf(agent);
	const back = fallBack(agent, joined) ?? (await watchClock(agent, joined));
	if (back) return { go: back };
	await joined.keep();
	if (isDue(agent, "look", ROUND)) await round(agent, joined);
	await tellSlurm(agent, joined);
	if (isDue(agent, "k3s", ROUND)) {
		if (!(await k3sRuns(joined.ctx))) return { go: "k3s" };
		joined.tendK3s();
	}
	agent.refresh();
	return { stay: Math.max(1, Math.min(...Object.values(agent.due)) - uptime()) };
}

/** What has to be gone through again, found without starting a process. */
function fallBack(agent: Agent, joined: Joined): StateName | undefined {
	const { world } = agent;
	if (joined.gossip.rpc === undefined) return "discover";
	const lan = findLan(agent)?.address;
	if (lan !== undefined && lan !== joined.lan) return "discover";
	if (!existsSync(`${world.root}${NETWORK_CLASS}/${INTERFACE}`)) {
		joined.mesh.forget();
		return "mesh";
	}
	const drifted = ownFiles(joined).some((file) => hasDrifted(world, file));
	return drifted || units(joined).some((unit) => !runs(world, unit)) ? "munge" : undefined;
}

/** Those of programs that this image has; /etc/hosts is kept on its own. */
function ownFiles({ ctx }: Joined): NodeFile[] {
	const files = nodeFiles(ctx.view()).filter(({ block }) => !block);
	const chrony = existsSync(`${ctx.world.root}/usr/sbin/chronyd`);
	return files.filter(({ path }) => path.startsWith(K3S) || (path === CHRONY_FILE ? chrony : hasSlurm(ctx)));
}

function units({ ctx }: Joined): string[] {
	const munged = existsSync(`${ctx.world.root}/usr/sbin/munged`);
	const slurm = hasSlurm(ctx);
	return [
		...(munged ? ["munge.service"] : []),
		...(slurm && isSlurmController(ctx) ? ["slurmctld.service"] : []),
		...(slurm && isWorker(ctx) ? ["slurmd.service"] : []),
	];
}

/** A unit's control group has processes in it: `systemctl is-active` would be one of its own each time. */
function runs(world: World, unit: string): boolean {
	const file = `${world.root}/sys/fs/cgroup/system.slice/${unit}/cgroup.events`;
	return /^populated 1$/m.test(ignoreMissing(() => readFileSync(file, "utf8")) ?? "");
}

/** Whoever set the clock may have set it wrong: chrony alone asks as seldom as every 17 minutes. */
async function watchClock(agent: Agent, joined: Joined): Promise<StateName | undefined> {
	const step = agent.clockStep();
	if (step < 0) {
		agent.say("warning", `the clock was put back by ${Math.round(-step)} s: peers are met anew`);
		await joined.clockWentBack();
	}
	return step !== 0 && (await keepClock(joined.ctx)) ? "munge" : undefined;
}

async function round(agent: Agent, joined: Joined): Promise<void> {
	await joined.mesh.look(joined.roster.peers);
	// cloud-init's last stage may have written its copies again.
	scrubCopies(joined.ctx.world, joined.ctx.secrets());
	// A volume that resists is no reason to fall out of the cluster.
	await scrubVolumes(joined.ctx.world, joined.ctx.secrets()).catch((error: Error) => {
		agent.say("warning", `secrets may still be on the seed's volume: ${error.message}`);
	});
	await joined.repeatRefusals();
	const missing = joined.roster.peers.filter(({ alive }) => !alive).map(({ endpoint }) => endpoint.split(":")[0]!);
	// Not waited for: addresses that do not answer take their time. Serf says in its own log what came of it.
	if (missing.length > 0) joined.gossip.rpc?.join(missing.slice(0, 8)).catch(() => {});
}

/** Tells SLURM what happened to members, and asks as often as it wants to be asked. */
async function tellSlurm(agent: Agent, joined: Joined): Promise<void> {
	const events = joined.roster.takeEvents();
	if (joined.isController && events.some(({ kind }) => kind === "joined")) await joined.repeatOrders();
	if (events.length === 0 && uptime() < agent.due.members) return;
	agent.due.members = uptime() + (await onMembers(joined.ctx, events));
}

function isDue({ due }: Agent, what: "look" | "k3s", period: number): boolean {
	if (uptime() < due[what]) return false;
	due[what] = uptime() + period;
	return true;
}

/** Seconds, by a clock that nobody sets. */
function uptime(): number {
	// Not performance.now(): its module costs a twentieth of the agent's start.
	return process.uptime();
}
