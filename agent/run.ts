import { type Agent, joinedOf, takeDemand } from "./agent.ts";
import { watchSteps } from "./clock/steps.ts";
import { writeConsole } from "./console.ts";
import { serveControl } from "./control/server.ts";
import { sayHostKey } from "./host-key.ts";
import { record } from "./journal.ts";
import { k3s } from "./k3s/k3s.ts";
import { runMachine, type State, type StateName } from "./machine.ts";
import { notify, watchdogPeriod } from "./notify.ts";
import { observe } from "./observe.ts";
import { Reporter } from "./reporter.ts";
import { munge } from "./slurm/munge.ts";
import { slurm } from "./slurm/slurm.ts";
import { booted } from "./states/booted.ts";
import { discover } from "./states/discover.ts";
import { identify } from "./states/identify.ts";
import { mesh } from "./states/mesh.ts";
import { names } from "./states/names.ts";
import { ready } from "./states/ready.ts";
import type { World } from "./world.ts";

/** A timer has to stand between the agent and its end also where no watchdog asks for pings. */
const NO_WATCHDOG_PERIOD = 24 * 60 * 60 * 1000;

const STATES: Readonly<Partial<Record<StateName, State<Agent>>>> = {
	booted,
	identify,
	discover,
	mesh,
	names,
	munge: (agent) => munge(joinedOf(agent).ctx),
	slurm: (agent) => slurm(joinedOf(agent).ctx),
	k3s: (agent) => k3s(joinedOf(agent).ctx),
	ready,
};

/** Runs the agent until `signal`. READY=1 says that the machine runs, not that the cluster is ready. */
export async function runAgent(world: World, signal: AbortSignal): Promise<void> {
	const bell = new Bell(signal);
	const agent = makeAgent(world, bell);
	const reporter = new Reporter(agent);
	agent.refresh = () => reporter.refresh();
	const period = watchdogPeriod(world);
	const alive = setInterval(() => period !== undefined && tell(world, "WATCHDOG=1"), period ?? NO_WATCHDOG_PERIOD);
	const control = serveControl(agent);
	try {
		const machine = runMachine(
			{
				states: STATES,
				report: (state, reason) => {
					reporter.report(state, reason);
					sayHostKey(agent);
				},
				sleep: (seconds) => {
					reporter.refresh();
					return bell.wait(seconds);
				},
				stopped: () => signal.aborted,
				redirect: (state) => takeDemand(agent, state),
			},
			agent,
			"booted",
		);
		// A state that is in the middle of something is left where it is: all of them can be done again.
		const running = Promise.race([machine.then(() => bell.stopped), bell.stopped]);
		await Promise.all([running, tell(world, "READY=1", `STATUS=node ${agent.identity.id}`)]);
	} finally {
		clearInterval(alive);
		agent.joined?.gossip.stop();
		control.close();
	}
}

function makeAgent(world: World, bell: Bell): Agent {
	const { name, boot, identity } = observe(world);
	const agent: Agent = {
		world,
		boot,
		name,
		identity,
		left: false,
		due: { look: 0, members: 0, k3s: 0 },
		wake: () => bell.ring(),
		clockStep: watchSteps(),
		refresh: () => {},
		say: (level, msg) => {
			world.print(record(level, { node: agent.identity.id, name: agent.name, msg }));
			writeConsole(world, { name: agent.name, state: "note", reason: msg });
		},
	};
	return agent;
}

/** Ends the machine's sleep. A ring that nobody slept through ends the next one at once. */
class Bell {
	/** Resolves when the agent is told to end. */
	readonly stopped: Promise<void>;
	#rung = false;
	#ring: (() => void) | undefined;

	constructor(signal: AbortSignal) {
		this.stopped = new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
	}

	ring(): void {
		this.#rung = true;
		this.#ring?.();
	}

	async wait(seconds: number): Promise<void> {
		let timer: NodeJS.Timeout | undefined;
		const slept = new Promise<void>((resolve) => {
			this.#ring = resolve;
			timer = setTimeout(resolve, this.#rung ? 0 : seconds * 1000).unref();
		});
		await Promise.race([slept, this.stopped]);
		clearTimeout(timer);
		this.#rung = false;
	}
}

/** systemd not hearing us is worth a line, and no more: the watchdog is what acts on it. */
async function tell(world: World, ...assignments: readonly string[]): Promise<void> {
	await notify(world, ...assignments).catch((error: Error) => {
		world.print(record("warning", { msg: `systemd was not told ${assignments.join(" ")}: ${error.message}` }));
	});
}
