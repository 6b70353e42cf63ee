import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A web server on this machine for one test; paths that were asked for, in order. */
export interface Loopback {
	readonly url: string;
	readonly asked: readonly string[];
	/** From now on nobody answers. */
	close(): Promise<void>;
}

/** Serves these contents by path; a listener answers for itself. */
export async function loopback(paths: Readonly<Record<string, string | Uint8Array | RequestListener>>): Promise<Loopback> {
	const asked: string[] = [];
	const server = createServer((request, response) => {
		asked.push(request.url!);
		const content = paths[request.url!];
		if (typeof content === "function") content(request, response);
		else response.writeHead(content === undefined ? 404 : 200, { "content-length": content?.length ?? 0 }).end(content);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const close = async () => {
		server.closeAllConnections();
		if (server.listening) await new Promise((resolve) => server.close(resolve));
	};
	onTestFinished(close);
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
}

/** An answer that promises more bytes than it sends, and ends. */
export function cut(content: string | Uint8Array): RequestListener {
	return (request, response) => {
		response.writeHead(200, { "content-length": content.length });
		response.write(content.slice(0, content.length / 2), () => request.socket.destroy());
	};
}
