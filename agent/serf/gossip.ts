import { type SerfEvent, type SerfMember, SerfRpc } from "./rpc.ts";

export interface GossipOptions {
	readonly port: number;
	/** The key in force; it is made anew with Serf's configuration. */
	readonly authKey: () => string | undefined;
	/** Members came, went or said something new; or the connection came or went. */
	readonly onChange: () => void;
	readonly onUser: (name: string, payload: string) => void;
	/** Milliseconds until the next try after a failed one. */
	readonly retry?: number | undefined;
}

const RETRY = 200;
const RETRY_MAX = 5000;

/** Keeps one RPC connection to Serf and a table of its members. What was known stays while Serf is away. */
export class Gossip {
	readonly #options: GossipOptions;
	readonly #members = new Map<string, SerfMember>();
	#rpc: SerfRpc | undefined;
	#retry: NodeJS.Timeout | undefined;
	#wanted = false;

	constructor(options: GossipOptions) {
		this.#options = options;
	}

	/** Starts to connect, again and again; does nothing when it has been started. */
	start(): void {
		if (this.#wanted) return;
		this.#wanted = true;
		void this.#connect(this.#options.retry ?? RETRY);
	}

	stop(): void {
		this.#wanted = false;
		clearTimeout(this.#retry);
		this.#rpc?.close();
	}

	/** Serf was restarted: the connection to the one before is of no more use, even if its end is not heard yet. */
	drop(): void {
		this.#rpc?.close();
		this.#rpc = undefined;
		clearTimeout(this.#retry);
		if (this.#wanted) void this.#connect(this.#options.retry ?? RETRY);
	}

	/** Connected and authenticated. */
	get rpc(): SerfRpc | undefined {
		return this.#rpc;
	}

	/** As Serf told last; with no connection, as it was. */
	get members(): readonly SerfMember[] {
		return [...this.#members.values()];
	}

	async #connect(pause: number): Promise<void> {
		const again = (after: number) => {
			if (!this.#wanted) return;
			this.#retry = setTimeout(() => this.#connect(Math.min(after * 1.5, RETRY_MAX)), after);
		};
		const authKey = this.#options.authKey();
		if (authKey === undefined) return again(pause);
		try {
			let opened: SerfRpc | undefined;
			const onClose = () => {
				if (opened === undefined || this.#rpc !== opened) return;
				this.#rpc = undefined;
				this.#options.onChange();
				again(this.#options.retry ?? RETRY);
			};
			opened = await SerfRpc.open({ port: this.#options.port, authKey, onEvent: (event) => this.#hear(event), onClose });
			const members = await opened.members();
			if (!this.#wanted) return opened.close();
			this.#rpc = opened;
			this.#replace(members);
			this.#options.onChange();
		} catch {
			again(pause);
		}
	}

	/** A Serf that has just started knows nobody yet: those it does not name have failed, as far as it can tell. */
	#replace(members: readonly SerfMember[]): void {
		for (const [name, member] of this.#members) {
			if (member.status === "alive") this.#members.set(name, { ...member, status: "failed" });
		}
		for (const member of members) this.#members.set(member.name, member);
	}

	#hear(event: SerfEvent): void {
		if (event.kind === "user") {
			this.#options.onUser(event.name, event.payload);
			return;
		}
		for (const member of event.members) {
			if (event.event === "member-reap") this.#members.delete(member.name);
			else this.#members.set(member.name, { ...member, status: statusAfter(event.event, member.status) });
		}
		this.#options.onChange();
	}
}

/** The event says it: in member-failed and member-leave the status of the member itself may lag behind. */
function statusAfter(event: string, status: SerfMember["status"]): SerfMember["status"] {
	if (event === "member-failed") return "failed";
	if (event === "member-leave") return "left";
	return event === "member-join" ? "alive" : status;
}
