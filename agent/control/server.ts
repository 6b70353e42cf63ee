import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Agent } from "../agent.ts";
import { ignoreMissing } from "../atomic-file.ts";
import { record } from "../journal.ts";
import { CONTROL_SOCKET, RUN } from "../paths.ts";
import { obeyRequest } from "./obey.ts";
import type { Answer, Request } from "./protocol.ts";

/** A request is a line; seeds' secrets are some kilobytes. */
const MAX_REQUEST = 256 * 1024;

/** Takes requests of root's commands on a socket that only root can open. The agent runs without it when it cannot be made. */
export function serveControl(agent: Agent): Server {
	const path = agent.world.root + CONTROL_SOCKET;
	mkdirSync(agent.world.root + RUN, { recursive: true });
	// Of an agent that was killed.
	ignoreMissing(() => rmSync(path));
	const server = createServer((socket) => answer(agent, socket));
	server.on("error", (error) => agent.world.print(record("warning", { msg: `no orders by ${path}: ${error.message}` })));
	// The socket is made before `listen` returns: no moment in which others could open it, and none in which other files
	// are made under this mask.
	const umask = process.umask(0o177);
	server.listen(path);
	process.umask(umask);
	return server.unref();
}

function answer(agent: Agent, socket: Socket): void {
	let text = "";
	socket.setEncoding("utf8");
	socket.on("error", () => socket.destroy());
	socket.on("data", (chunk: string) => {
		text += chunk;
		if (text.length > MAX_REQUEST) socket.destroy();
		if (!text.includes("\n")) return;
		socket.pause();
		void handle(agent, text).then((said) => socket.end(`${JSON.stringify(said)}\n`));
	});
}

async function handle(agent: Agent, text: string): Promise<Answer> {
	try {
		return { ok: true, said: await obeyRequest(agent, JSON.parse(text) as Request) };
	} catch (error) {
		return { ok: false, said: (error as Error).message };
	}
}
