import { UserError } from "../../core/errors.ts";
import type { StartedMachine } from "../started-machine.ts";

/** The management NIC's backend: the first of the machine's NICs. */
const BACKEND = "net0";

/** Leads a port on 127.0.0.1 into a machine that runs. @throws UserError when it is taken. */
export async function publishPort(machine: StartedMachine, host: number, guest: number): Promise<void> {
	const command = { "command-line": `hostfwd_add ${BACKEND} tcp:127.0.0.1:${host}-:${guest}` };
	const said = await machine.qmp((qmp) => qmp.execute<string>("human-monitor-command", command));
	if (said.trim() === "") return;
	const message = `port ${host} on 127.0.0.1 cannot lead to ${machine.spec.name}: ${said.trim()}`;
	throw new UserError("failed", { message, fix: "it may be taken: ss -ltnp" });
}
