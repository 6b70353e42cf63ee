import type { Mac } from "./addresses.ts";

/** How the switch is started: a file that its command line names. */
export interface SwitchConfig {
	/** The LAN, such as 192.168.77.0/24. */
	readonly network: string;
	/** Unix socket on which it takes orders. */
	readonly control: string;
	/** Where it writes its process id. */
	readonly pid: string;
	/** Seconds between two looks at whether there are still machines. */
	readonly look: number;
}

/** A machine that is plugged in. */
export interface Plug {
	readonly node: string;
	readonly mac: Mac;
	/** The address it is leased. */
	readonly address: string;
	/** The machine's UDP port on 127.0.0.1: frames from elsewhere are not taken. */
	readonly port: number;
	/** The switch's own UDP port for it. */
	readonly peer: number;
	/** How to see whether the machine still runs: the file with its process id, and a word of its command line. */
	readonly process: { readonly pid: string; readonly word: string };
}

/** What the switch can be told: one JSON object a line. */
export type Order = CableOrder | { readonly order: "stats" } | { readonly order: "stop" };

export type CableOrder =
	| { readonly order: "cut" | "heal" | "unplug"; readonly node: string }
	| { readonly order: "loss"; readonly node: string; readonly percent: number }
	| { readonly order: "delay"; readonly node: string; readonly ms: number }
	| { readonly order: "record"; readonly file: string | null }
	| { readonly order: "plug"; readonly plug: Plug };

/** Its answer, one line too. */
export type Answer =
	| { readonly ok: true; readonly stats?: SwitchStats }
	| { readonly ok: false; readonly error: string; readonly code?: string | undefined };

export interface SwitchStats {
	readonly pid: number;
	readonly recording: string | null;
	readonly leases: number;
	readonly nodes: Readonly<Record<string, NodeStats>>;
}

/** One cable: what came from the machine, what went to it, what was lost on the way by a fault, what came from a stranger. */
export interface NodeStats {
	readonly cut: boolean;
	/** Percent. */
	readonly loss: number;
	/** Milliseconds. */
	readonly delay: number;
	readonly received: number;
	readonly sent: number;
	readonly strangers: number;
}

/** Reads an order. @throws Error that says what is wrong with it. */
export function parseOrder(line: string): Order {
	const given = asObject(line);
	const { order } = given;
	switch (order) {
		case "cut":
		case "heal":
		case "unplug":
			return { order, node: text(given, "node") };
		case "loss":
			return { order, node: text(given, "node"), percent: amount(given, "percent", 100) };
		case "delay":
			return { order, node: text(given, "node"), ms: amount(given, "ms", 60_000) };
		case "record":
			return { order, file: given.file === null ? null : text(given, "file") };
		case "plug":
			return { order, plug: plugOf(given.plug) };
		case "stats":
		case "stop":
			return { order };
		default:
			throw new Error(`no such order: ${JSON.stringify(order)}`);
	}
}

type Given = Readonly<Record<string, unknown>>;

function asObject(line: string): Given {
	const value: unknown = JSON.parse(line);
	if (typeof value === "object" && value !== null) return value as Given;
	throw new Error("an order is a JSON object");
}

function plugOf(value: unknown): Plug {
	const given = (value ?? {}) as Given;
	const process = (given.process ?? {}) as Given;
	return {
		node: text(given, "node"),
		mac: text(given, "mac"),
		address: text(given, "address"),
		port: amount(given, "port", 65_535),
		peer: amount(given, "peer", 65_535),
		process: { pid: text(process, "pid"), word: text(process, "word") },
	};
}

function text(given: Given, key: string): string {
	const value = given[key];
	if (typeof value === "string" && value !== "") return value;
	throw new Error(`"${key}" has to be text`);
}

function amount(given: Given, key: string, most: number): number {
	const value = given[key];
	if (typeof value === "number" && value >= 0 && value <= most) return value;
	throw new Error(`"${key}" has to be a number from 0 to ${most}`);
}
