import { agentState, type NodeStatus } from "../../core/contract/status.ts";

/** What a node's console last said of its agent. */
export interface NodeView {
	/** `starting`: the kernel has not said a word; `booting`: it has, and the agent has not. */
	readonly state: NodeStatus["state"] | "starting" | "booting";
	/** `-` when there is none. */
	readonly mesh: string;
	readonly reason: string;
	/** Public ssh host key, type and key. */
	readonly hostKey?: string | undefined;
}

export const NOT_STARTED: NodeView = { state: "starting", mesh: "-", reason: "" };

/** `clusteros <name> <state> <mesh address> <reason>`, wherever in a line: the kernel's own words may stand before it. */
const STATE = new RegExp(`(?:^|\\s|\\])clusteros \\S+ (${agentState.options.join("|")}) (\\S+)(?: (.*))?$`);
const HOST_KEY = /(?:^|\s)clusteros-hostkey \S+ (ssh-ed25519 [A-Za-z0-9+/]+=*)/;
/** The kernel's first line: all that was said before it is of an earlier boot. */
const BOOT = /\bLinux version \d/;

/** The view after one more line (without control sequences). Pure. */
export function afterLine(view: NodeView, line: string): NodeView {
	if (BOOT.test(line)) return { ...NOT_STARTED, state: "booting" };
	const said = STATE.exec(line);
	if (said) return { ...view, state: said[1] as NodeStatus["state"], mesh: said[2]!, reason: said[3]?.trim() ?? "" };
	const key = HOST_KEY.exec(line);
	if (key) return { ...view, hostKey: key[1] };
	return view;
}
