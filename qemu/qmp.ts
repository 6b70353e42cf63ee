import { connect, type Socket } from "node:net";
import { within } from "../core/deadline.ts";

/** Something that happened in the machine: SHUTDOWN, RESET, STOP, … with the data QEMU gave. */
export interface QmpEvent {
	readonly event: string;
	readonly data?: Readonly<Record<string, unknown>>;
}

/** QEMU answered a command with an error; `kind` is QMP's error class. */
export class QmpError extends Error {
	override readonly name = "QmpError";
	readonly kind: string;
	constructor(command: string, kind: string, description: string) {
		super(`QMP ${command}: ${description}`);
		this.kind = kind;
	}
}

/** Somebody waiting for the greeting, an answer or an event. */
interface Waiting {
	readonly take: (message: Message) => void;
	readonly fail: (error: Error) => void;
}

interface Message extends Partial<QmpEvent> {
	readonly QMP?: unknown;
	readonly id?: number;
	readonly return?: unknown;
	readonly error?: { readonly class: string; readonly desc: string };
}

const ANSWER_TIMEOUT = 10_000;

/**
 * A connection to QEMU's machine protocol (docs/interop/qmp-spec.rst in QEMU's source). QEMU serves one client at a time:
 * open it for what is to be done and close it again, so that another process can look in.
 */
export class QmpClient implements AsyncDisposable {
	readonly #socket: Socket;
	readonly #waiting = new Set<Waiting>();
	#closed: Error | undefined;
	#lastId = 0;
	/** The start of a line whose end has not come yet. */
	#rest = "";

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setEncoding("utf8").on("data", (chunk: string) => this.#read(chunk));
		socket.on("error", (error) => this.#end(error));
		socket.on("close", () => this.#end(new Error("QEMU closed the QMP connection")));
	}

	/** Connects to the socket at `path` and leaves the negotiation mode. @throws when nobody answers within `timeout` ms. */
	static async connect(path: string, timeout: number = ANSWER_TIMEOUT): Promise<QmpClient> {
		const client = new QmpClient(connect({ path }));
		try {
			await client.#wait((m) => m.QMP !== undefined, timeout, "no greeting on the QMP socket: another client may be connected");
			await client.execute("qmp_capabilities", {}, timeout);
			return client;
		} catch (error) {
			client.close();
			throw error;
		}
	}

	/** Runs a command and returns its answer. @throws QmpError when QEMU refuses, Error after `timeout` ms or when QEMU ends. */
	async execute<T = unknown>(command: string, args: object = {}, timeout: number = ANSWER_TIMEOUT): Promise<T> {
		const id = ++this.#lastId;
		const answer = this.#wait((message) => message.id === id, timeout, `no answer to QMP ${command}`);
		if (!this.#closed) this.#socket.write(`${JSON.stringify({ execute: command, arguments: args, id })}\n`);
		const message = await answer;
		if (message.error) throw new QmpError(command, message.error.class, message.error.desc);
		return message.return as T;
	}

	/** The next event of that name. @throws Error after `timeout` ms or when QEMU ends before. */
	async waitForEvent(name: string, timeout: number): Promise<QmpEvent> {
		return (await this.#wait((message) => message.event === name, timeout, `no QMP event ${name}`)) as QmpEvent;
	}

	close(): void {
		this.#socket.destroy();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.close();
	}

	#wait(is: (message: Message) => boolean, timeout: number, otherwise: string): Promise<Message> {
		if (this.#closed) return Promise.reject(this.#closed);
		let waiting: Waiting | undefined;
		const message = new Promise<Message>((resolve, fail) => {
			waiting = { take: (seen) => is(seen) && resolve(seen), fail };
			this.#waiting.add(waiting);
		});
		return within(timeout, message, otherwise).finally(() => this.#waiting.delete(waiting!));
	}

	#read(chunk: string): void {
		const lines = (this.#rest + chunk).split("\n");
		this.#rest = lines.pop()!;
		for (const line of lines) this.#take(line);
	}

	#take(line: string): void {
		let message: Message;
		try {
			message = JSON.parse(line) as Message;
		} catch {
			this.#socket.destroy(new Error(`not a QMP message: ${line.slice(0, 100)}`));
			return;
		}
		for (const waiting of this.#waiting) waiting.take(message);
	}

	#end(error: Error): void {
		this.#closed ??= error;
		for (const { fail } of this.#waiting) fail(this.#closed);
	}
}
