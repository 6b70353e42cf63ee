import { DeadlineError } from "../core/deadline.ts";
import type { MachineSpec } from "./machine.ts";
import { findMachine, hasEnded, isMachine, kill } from "./process.ts";
import { QmpClient } from "./qmp.ts";
import { SerialLog } from "./serial.ts";

/** What ended a machine: the guest itself after the power button, QEMU when asked to, a signal; or it had ended before. */
export type Ending = "powerdown" | "quit" | "kill" | "gone";

/** Milliseconds a QEMU that is well takes at most to answer or to quit. */
const QUIT_TIMEOUT = 3000;

/** A machine that runs. Leaving an `await using` scope ends it at once, as when its plug is pulled. */
export class StartedMachine implements AsyncDisposable {
	readonly spec: MachineSpec;
	readonly pid: number;
	/** What it prints on ttyS0 since this start. */
	readonly console: SerialLog;

	constructor(spec: MachineSpec, pid: number, console: SerialLog) {
		this.spec = spec;
		this.pid = pid;
		this.console = console;
	}

	/** The machine of that spec that another process has started; undefined when it does not run. */
	static async attach(spec: MachineSpec): Promise<StartedMachine | undefined> {
		const pid = await findMachine(spec);
		return pid === undefined ? undefined : new StartedMachine(spec, pid, new SerialLog(spec.files.serial));
	}

	async isRunning(): Promise<boolean> {
		return isMachine(this.pid, this.spec);
	}

	/** Talks to QEMU for the time of `work`. */
	async qmp<T>(work: (qmp: QmpClient) => Promise<T>, timeout?: number): Promise<T> {
		await using client = await QmpClient.connect(this.spec.files.qmp, timeout);
		return await work(client);
	}

	/** Presses the power button and waits `grace` ms for the guest; then tells QEMU to quit, then kills it. */
	async stop(grace = 0): Promise<Ending> {
		if (!(await this.isRunning())) return "gone";
		if (grace > 0 && (await this.#endedBy("system_powerdown", grace))) return "powerdown";
		if (await this.#endedBy("quit", QUIT_TIMEOUT)) return "quit";
		kill(this.pid);
		await hasEnded(this.pid, this.spec, QUIT_TIMEOUT);
		return "kill";
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.stop();
	}

	/** False without a wait where QEMU does not answer: it is stuck or another client holds its socket, so a harder means is due. */
	async #endedBy(command: "system_powerdown" | "quit", timeout: number): Promise<boolean> {
		try {
			await this.qmp((qmp) => qmp.execute(command, {}, QUIT_TIMEOUT), QUIT_TIMEOUT);
		} catch (error) {
			if (error instanceof DeadlineError) return false;
			// Any other failure is a QEMU that is just ending: `quit` may close the connection before its answer is read.
		}
		return hasEnded(this.pid, this.spec, timeout);
	}
}
