import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { decodeMultiStream, encode } from "@msgpack/msgpack";

/** Serf's RPC (protocol 1: command/agent/ipc.go in hashicorp/serf 0.8 to 0.10): msgpack objects over TCP, one after the other. */

/** A member as Serf tells of it. */
export interface SerfMember {
	/** Serf's own name of the node. */
	readonly name: string;
	readonly status: "none" | "alive" | "leaving" | "left" | "failed";
	readonly tags: Readonly<Record<string, string>>;
}

export type SerfEvent =
	| { readonly kind: "members"; readonly event: string; readonly members: readonly SerfMember[] }
	| { readonly kind: "user"; readonly name: string; readonly payload: string };

export interface SerfRpcOptions {
	readonly host?: string | undefined;
	readonly port: number;
	readonly authKey: string;
	readonly onEvent: (event: SerfEvent) => void;
	/** Called once, also when the connection was closed by us. */
	readonly onClose: () => void;
}

/** Commands whose answer has a body. */
const WITH_BODY = new Set(["members", "join", "stats"]);
const STREAMED = "member-join,member-leave,member-failed,member-update,member-reap,user";
/** Milliseconds for an answer. A join tries its addresses one by one, each with a TCP time limit of 10 s. */
const TIMEOUT = 30_000;

interface Pending {
	readonly command: string;
	readonly settle: (error: Error | undefined, body?: unknown) => void;
}

/** One connection to the Serf agent of this node. */
export class SerfRpc {
	readonly #socket: Socket;
	readonly #pending = new Map<number, Pending>();
	readonly #onEvent: (event: SerfEvent) => void;
	#seq = 0;
	#stream: number | undefined;

	private constructor(socket: Socket, { onEvent, onClose }: SerfRpcOptions) {
		this.#socket = socket;
		this.#onEvent = onEvent;
		this.#read().finally(() => {
			socket.destroy();
			for (const { settle } of this.#pending.values()) settle(new Error("Serf closed the connection"));
			onClose();
		});
	}

	/** Connects, shows the key and asks for all events. @throws when Serf is not there, or the key is another one. */
	static async open(options: SerfRpcOptions): Promise<SerfRpc> {
		const socket = connect({ host: options.host ?? "127.0.0.1", port: options.port });
		await once(socket, "connect");
		const rpc = new SerfRpc(socket, options);
		try {
			await rpc.#ask("handshake", { Version: 1 });
			await rpc.#ask("auth", { AuthKey: options.authKey });
			await rpc.#ask("stream", { Type: STREAMED });
		} catch (error) {
			rpc.close();
			throw error;
		}
		return rpc;
	}

	async members(): Promise<SerfMember[]> {
		return membersOf(await this.#ask("members"));
	}

	/** Sets these tags and takes the others away. */
	async setTags(tags: Readonly<Record<string, string>>, remove: readonly string[] = []): Promise<void> {
		await this.#ask("tags", { Tags: tags, DeleteTags: remove });
	}

	/** Tells everybody, ourselves as well. At most 512 bytes with the name. */
	async userEvent(name: string, payload: string): Promise<void> {
		await this.#ask("event", { Name: name, Payload: Buffer.from(payload), Coalesce: false });
	}

	/** Asks these addresses to let us in; what happened before is not played again. */
	async join(addresses: readonly string[]): Promise<void> {
		await this.#ask("join", { Existing: addresses, Replay: false });
	}

	/** Leaves the cluster; Serf ends. */
	async leave(): Promise<void> {
		await this.#ask("leave");
	}

	/** Turns a member that failed into one that left, by Serf's own name of it. */
	async forceLeave(name: string): Promise<void> {
		await this.#ask("force-leave", { Node: name });
	}

	close(): void {
		this.#socket.destroy();
	}

	#ask(command: string, body?: object): Promise<unknown> {
		const seq = this.#seq++;
		if (command === "stream") this.#stream = seq;
		return new Promise((resolve, reject) => {
			const late = setTimeout(() => settle(new Error(`Serf did not answer to ${command}`)), TIMEOUT);
			late.unref();
			const settle: Pending["settle"] = (error, answer) => {
				clearTimeout(late);
				this.#pending.delete(seq);
				if (error) reject(error);
				else resolve(answer);
			};
			this.#pending.set(seq, { command, settle });
			const parts = [encode({ Command: command, Seq: seq }), ...(body === undefined ? [] : [encode(body)])];
			this.#socket.write(Buffer.concat(parts));
		});
	}

	/** Reads headers and what follows them until the connection ends. */
	async #read(): Promise<void> {
		let header: { seq: number; error: string } | undefined;
		try {
			for await (const item of decodeMultiStream(this.#socket)) {
				const map = item as Record<string, unknown>;
				if (header === undefined) {
					header = { seq: map.Seq as number, error: map.Error as string };
					if (this.#hasBody(header)) continue;
					this.#settle(header, undefined);
				} else this.#settle(header, map);
				header = undefined;
			}
		} catch {
			// Ended or spoilt: in both cases the connection is of no more use.
		}
	}

	#hasBody({ seq, error }: { seq: number; error: string }): boolean {
		const pending = this.#pending.get(seq);
		if (pending === undefined) return seq === this.#stream;
		// An answer to `join` has its body even when it failed; what is refused outright has none.
		return WITH_BODY.has(pending.command) && (error === "" || pending.command === "join");
	}

	#settle({ seq, error }: { seq: number; error: string }, body: Record<string, unknown> | undefined): void {
		const pending = this.#pending.get(seq);
		pending?.settle(error === "" ? undefined : new Error(`Serf: ${error}`), body);
		const event = pending === undefined && body ? eventOf(body) : undefined;
		if (event) this.#onEvent(event);
	}
}

function eventOf(body: Record<string, unknown>): SerfEvent | undefined {
	const { Event, Name, Payload } = body;
	if (Event === "user") return { kind: "user", name: textOf(Name), payload: textOf(Payload) };
	if (!Array.isArray(body.Members)) return undefined;
	return { kind: "members", event: textOf(Event), members: membersOf(body) };
}

function membersOf(body: unknown): SerfMember[] {
	const { Members = [] } = body as { Members?: readonly Record<string, unknown>[] | null };
	return (Members ?? []).map(({ Name, Status, Tags }) => ({
		name: textOf(Name),
		status: textOf(Status) as SerfMember["status"],
		tags: (Tags ?? {}) as Record<string, string>,
	}));
}

/** Go's []byte comes as bytes, its string as text. */
function textOf(value: unknown): string {
	return value instanceof Uint8Array ? Buffer.from(value).toString() : String(value ?? "");
}
