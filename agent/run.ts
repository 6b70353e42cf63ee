import { writeConsole } from "./console.ts";
import { record } from "./journal.ts";
import { runMachine, type StateName } from "./machine.ts";
import { notify, watchdogPeriod } from "./notify.ts";
import { type Node, observe } from "./observe.ts";
import { booted } from "./states/booted.ts";
import { writeStatus } from "./status.ts";
import type { World } from "./world.ts";

/** A timer has to stand between the agent and its end also where no watchdog asks for pings. */
const NO_WATCHDOG_PERIOD = 24 * 60 * 60 * 1000;

/** Runs the agent until `signal`. READY=1 says that the machine runs, not that the cluster is ready. */
export async function runAgent(world: World, signal: AbortSignal): Promise<void> {
	const node = observe(world);
	const stop = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	const period = watchdogPeriod(world);
	const alive = setInterval(() => period !== undefined && tell(world, "WATCHDOG=1"), period ?? NO_WATCHDOG_PERIOD);
	try {
		const machine = runMachine(
			{
				states: { booted },
				report: (state, reason) => report(world, node, state, reason),
				sleep: (seconds) => Promise.race([stop, pause(seconds)]),
				stopped: () => signal.aborted,
			},
			node,
			"booted",
		);
		// A state that is in the middle of something is left where it is: all of them can be done again.
		const running = Promise.race([machine.then(() => stop), stop]);
		await Promise.all([running, tell(world, "READY=1", `STATUS=node ${node.identity.id}`)]);
	} finally {
		clearInterval(alive);
	}
}

function pause(seconds: number): Promise<void> {
	return new Promise((resolve) => setTimeout(resolve, seconds * 1000).unref());
}

/** systemd not hearing us is worth a line, and no more: the watchdog is what acts on it. */
async function tell(world: World, ...assignments: readonly string[]): Promise<void> {
	await notify(world, ...assignments).catch((error: Error) => {
		world.print(record("warning", { msg: `systemd was not told ${assignments.join(" ")}: ${error.message}` }));
	});
}

function report(world: World, node: Node, state: StateName, reason: string | undefined): void {
	const { name, boot } = node;
	const { id } = node.identity;
	const why = reason === undefined ? {} : { reason };
	writeStatus(world, { version: 1, node: id, name, state, ...why, since: world.now().toISOString(), boot });
	writeConsole(world, { name, state, reason: reason ?? id });
	world.print(record(reason?.startsWith("failed") ? "error" : "info", { node: id, name, state, reason, boot }));
}
