import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join, normalize } from "node:path";

/** What goes wrong with a path. `silent`: the request is taken and never answered. `cut once`: fine from the second time on. */
export type Fault = "missing" | "silent" | "changed" | "cut" | "cut once";

/** An archive on loopback. It is a proxy as well, so that nothing a build asks for can leave the machine unseen. */
export interface ArchiveServer extends AsyncDisposable {
	readonly port: number;
	/** `http://127.0.0.1:PORT/ubuntu`. */
	readonly uri: string;
	/** Paths asked for, in order: `/ubuntu/dists/…`, or `http://HOST/…` when it was asked as a proxy. */
	readonly asked: string[];
	/** Requests through the proxy to hosts that are not `standsFor`: refused with 403. */
	readonly strayed: string[];
	/** Faults by a part of the path; the first that fits. */
	readonly faults: Map<string, Fault>;
	/** Hosts whose `/ubuntu` is answered from the archive when asked as their proxy. */
	readonly standsFor: Set<string>;
}

/** The archive's own address, and that of somebody else's archive of the same content. */
const FOLDERS = /^\/(ubuntu|vendor)\//;

/** Serves `root` as /ubuntu and /vendor. */
export async function serve(root: string): Promise<ArchiveServer> {
	const sockets = new Set<Socket>();
	const state = {
		asked: [] as string[],
		strayed: [] as string[],
		faults: new Map<string, Fault>(),
		standsFor: new Set<string>(),
	};
	const server = createServer((request, response) => {
		answer(root, state, request, response).catch(() => response.destroy());
	});
	server.on("connect", (request, socket) => {
		state.strayed.push(request.url!);
		socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
	});
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket)).on("error", () => {});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		...state,
		port,
		uri: `http://127.0.0.1:${port}/ubuntu`,
		[Symbol.asyncDispose]: async () => {
			for (const socket of sockets) socket.destroy();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}

type State = Pick<ArchiveServer, "asked" | "strayed" | "faults" | "standsFor">;

async function answer(root: string, state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const url = new URL(request.url!, "http://127.0.0.1");
	state.asked.push(decodeURIComponent(request.url!));
	if (request.url!.startsWith("http") && !state.standsFor.has(url.host)) {
		state.strayed.push(request.url!);
		return void response.writeHead(403).end();
	}
	const path = decodeURIComponent(url.pathname);
	const [part, fault] = [...state.faults].find(([one]) => path.includes(one)) ?? [];
	if (fault === "cut once") state.faults.delete(part!);
	const file = join(root, normalize(path).replace(FOLDERS, ""));
	const found = await stat(file).catch(() => undefined);
	if (fault === "silent") return;
	if (fault === "missing" || !found?.isFile() || !FOLDERS.test(path)) return void response.writeHead(404).end();
	response.writeHead(200, { "content-length": found.size, "last-modified": found.mtime.toUTCString() });
	if (fault === undefined) return void createReadStream(file).pipe(response);
	const bytes = await readFile(file);
	if (fault === "changed") return void response.end(changed(bytes));
	response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

/** The same length with one other bit, in the middle. */
function changed(bytes: Buffer): Buffer {
	const middle = Math.floor(bytes.length / 2);
	bytes[middle] = bytes[middle]! ^ 1;
	return bytes;
}
