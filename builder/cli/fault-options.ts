import { Command } from "commander";
import { type Problem, UserError } from "../../core/errors.ts";
import type { Fault } from "../../qemu/cluster/fault.ts";

export interface FaultOptions {
	readonly json: boolean;
}

/** The work itself; its module is loaded only when something is broken. `record` is about the LAN, not about a node. */
export type RunFault = (dir: string, nodes: string, fault: Fault, options: FaultOptions) => Promise<void>;

const PLAIN = ["cut", "heal", "kill", "reset", "pause", "resume"] as const;
const KINDS = [...PLAIN, "loss", "delay"] as const;

/** `clusteros fault`: options and help only. */
export function faultCommand(call: string, load: () => Promise<RunFault>): Command {
	return new Command("fault")
		.description("break nodes of a test cluster on purpose, and mend them")
		.argument("<dir>", "folder with cluster.toml")
		.argument("<nodes>", "a name, a hostlist such as n[1-3], or all")
		.argument("<fault>", KINDS.join(", "))
		.argument("[value]", "of loss: percent each way; of delay: milliseconds each way")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", help(call))
		.action(async (dir: string, nodes: string, kind: string, value: string | undefined, options: FaultOptions) => {
			const fault = faultOf(kind, value);
			await (await load())(dir, nodes, fault, options);
		});
}

function help(call: string): string {
	return `
cut      pulls the LAN cable, both directions; ssh to the node goes on     heal   mends cut, loss and delay
loss P   loses P percent of the frames, each way                           delay  holds frames back MS ms, each way
kill     ends the machine as a power cut does (then: start)                reset  presses its reset button
pause    stops its processors                                              resume lets them go on

Examples:
  ${call} fault lab n2 cut
  ${call} fault lab n[1-3] loss 20
  ${call} fault lab all heal
`;
}

/** @throws UserError for what is no fault, or a value that is missing or too many. */
export function faultOf(kind: string, value: string | undefined): Fault {
	if (kind === "loss") return { kind, percent: amount(kind, value, 100, "percent") };
	if (kind === "delay") return { kind, ms: amount(kind, value, 60_000, "milliseconds") };
	const plain = PLAIN.find((each) => each === kind);
	if (plain === undefined) throw usage({ message: `no fault is called "${kind}"`, fix: `known: ${KINDS.join(", ")}` });
	if (value !== undefined) throw usage({ message: `${kind} takes no value`, fix: `leave out "${value}"` });
	return { kind: plain };
}

function amount(kind: string, value: string | undefined, most: number, unit: string): number {
	const number = Number(value);
	if (value !== undefined && /^\d+(\.\d+)?$/.test(value) && number <= most) return number;
	throw usage({ message: `${kind} takes ${unit} from 0 to ${most}`, fix: `such as: ${kind} ${kind === "loss" ? 20 : 100}` });
}

function usage(problem: Problem): UserError {
	return new UserError("usage", problem);
}
