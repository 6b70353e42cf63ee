import { connect } from "node:net";
import { CONTROL_SOCKET } from "../paths.ts";
import type { World } from "../world.ts";
import type { Answer, Request } from "./protocol.ts";

/** Asks the running agent. @throws when it does not run, or may not be asked. */
export function ask(world: World, request: Request): Promise<Answer> {
	return new Promise((resolve, reject) => {
		let text = "";
		const socket = connect({ path: world.root + CONTROL_SOCKET }, () => socket.write(`${JSON.stringify(request)}\n`));
		socket.setEncoding("utf8");
		socket.on("data", (chunk: string) => {
			text += chunk;
		});
		socket.on("error", (error: NodeJS.ErrnoException) => reject(new Error(why(error))));
		socket.on("close", () => {
			if (text.endsWith("\n")) resolve(JSON.parse(text) as Answer);
			else reject(new Error("the agent ended before it answered; see: journalctl -b -u clusteros-agent"));
		});
	});
}

function why({ code, message }: NodeJS.ErrnoException): string {
	if (code === "EACCES") return "only root may ask this: sudo clusteros-agent …";
	const absent = code === "ENOENT" || code === "ECONNREFUSED";
	return absent ? "the agent does not run; start it: systemctl start clusteros-agent" : message;
}
