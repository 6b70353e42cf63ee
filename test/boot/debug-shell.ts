import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { poll } from "../../core/deadline.ts";
import { plain } from "../../qemu/serial.ts";

/** Kernel arguments that put a root shell of systemd on ttyS1, long before and without any login. */
export const DEBUG_SHELL = "systemd.debug_shell=ttyS1";

/** That shell, reached over the machine's second serial port. */
export class DebugShell implements AsyncDisposable {
	readonly #socket: Socket;
	#seen = "";
	#count = 0;

	private constructor(socket: Socket) {
		this.#socket = socket.setEncoding("utf8").on("data", (text: string) => {
			this.#seen += text;
		});
	}

	/** Connects and waits until the shell answers. @throws after `timeout` ms. */
	static async open(path: string, timeout: number): Promise<DebugShell> {
		const socket = connect({ path });
		await once(socket, "connect");
		const shell = new DebugShell(socket);
		const answers = () => shell.#try("stty -echo", 2000);
		if ((await poll(answers, { timeout, every: 500 })) === undefined) throw new Error("the debug shell does not answer");
		return shell;
	}

	/** What a shell line prints, whatever its exit code. @throws after `timeout` ms. */
	async run(line: string, timeout: number): Promise<string> {
		const printed = await this.#try(line, timeout);
		if (printed === undefined)
			throw new Error(`no end of "${line}" within ${timeout / 1000} s: ${plain(this.#seen).slice(-500)}`);
		return printed;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.destroy();
	}

	/** Frames the output by two marks, written so that the terminal's echo of the line is not taken for them. */
	async #try(line: string, timeout: number): Promise<string | undefined> {
		const mark = `${++this.#count}`;
		this.#socket.write(`echo BEGIN'-'${mark}; ${line}; echo; echo END'-'${mark}\n`);
		const framed = new RegExp(`BEGIN-${mark}\n(.*?)\n?\n\\S*END-${mark}\n`, "s");
		return poll(() => framed.exec(plain(this.#seen))?.[1], { timeout });
	}
}
