import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Access, askApi } from "../../../agent/k3s/api.ts";
import { selfSigned } from "./self-signed.ts";

let server: Server;
let us: Access;
beforeAll(async () => {
	const [ours, kubelet] = [await selfSigned("k3s"), await selfSigned("system:node:n1")];
	server = createServer({ ...ours, ca: kubelet.cert, requestCert: true, rejectUnauthorized: false }, (request, response) => {
		if (request.url === "/silent") return;
		const socket = request.socket as TLSSocket;
		response.statusCode = socket.authorized ? 200 : 401;
		const who = { method: request.method, url: request.url, as: socket.getPeerCertificate().subject?.CN };
		response.end(request.url === "/text" ? "no JSON" : JSON.stringify(who));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	us = { server: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: ours.cert, ...kubelet };
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const get = (access: Access, path: string, timeout = 5000) => askApi(access, { method: "GET", path, timeout });

it("asks with the node's own certificate", async () => {
	const body = { method: "DELETE", url: "/api/v1/x", as: "system:node:n1" };
	expect(await askApi(us, { method: "DELETE", path: "/api/v1/x", timeout: 5000 })).toEqual({ status: 200, body });
	expect(await get(us, "/text")).toEqual({ status: 200, body: "no JSON" });
});

it("tells nothing to a server of another authority, and is told when it is not known itself", async () => {
	const stranger = await selfSigned("stranger");
	await expect(get({ ...us, ca: stranger.cert }, "/")).rejects.toThrow(/self-signed|certificate/);
	expect(await get({ ...us, ...stranger }, "/")).toMatchObject({ status: 401 });
});

it("does not wait for ever", async () => {
	await expect(get(us, "/silent", 100)).rejects.toThrow("no answer within 0.1 s");
	await expect(get({ ...us, server: "https://127.0.0.1:1" }, "/")).rejects.toThrow("ECONNREFUSED");
});
