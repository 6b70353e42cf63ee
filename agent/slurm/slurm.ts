import { existsSync } from "node:fs";
import { FACT_PROGRAMS } from "../../core/node/facts.ts";
import { slurmConfiguration } from "../../core/node/files/node-files.ts";
import { slurmController } from "../../core/node/files/slurm-controller.ts";
import type { Context } from "../context.ts";
import type { Outcome } from "../machine.ts";
import { keepNodeFile } from "../node-file.ts";
import { controller } from "./controller.ts";
import { worker } from "./worker.ts";

/**
 * SLURM runs with the cluster's configuration, and the controller would give this node work. Every member's mesh address is in
 * /etc/hosts by now: slurmctld looks up who calls, and without an answer it waits 10 s for a DNS server each time.
 * An image without SLURM has nothing to do. Transitions to: k3s.
 */
export async function slurm(ctx: Context): Promise<Outcome> {
	if (!hasSlurm(ctx)) return { go: "k3s" };
	// Other controllers have it as well, for their users' commands.
	if (!isSlurmController(ctx)) for (const file of slurmConfiguration(ctx.view())) keepNodeFile(ctx.world, file);
	const wait = (isSlurmController(ctx) && (await controller(ctx))) || (isWorker(ctx) && (await worker(ctx)));
	return wait || { go: "k3s" };
}

/** Whether the image brings SLURM. */
export function hasSlurm({ world }: Pick<Context, "world">): boolean {
	return existsSync(world.root + FACT_PROGRAMS.slurm);
}

export function isSlurmController({ cluster, self }: Pick<Context, "cluster" | "self">): boolean {
	return slurmController(cluster).name === self.name;
}

export function isWorker({ self }: Pick<Context, "self">): boolean {
	return self.roles.includes("worker");
}
