import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { joinsAt } from "../../../agent/k3s/supervisor.ts";
import { longToken } from "../../../core/node/k3s-token.ts";
import { selfSigned } from "./self-signed.ts";

/** As k3s' supervisor answers while it starts, and afterwards. A stand-in: no k3s is needed for its words. */
let server: Server;
let url: string;
let ca: string;
let status: number;
let silent: boolean;
const password = randomBytes(8).toString("hex");
let passwords: (string | undefined)[];

beforeAll(async () => {
	const own = await selfSigned("k3s");
	ca = own.cert;
	server = createServer(own, (request, response) => {
		if (silent) return;
		const { authorization } = request.headers;
		if (request.url === "/cacerts") return void response.end(ca);
		passwords.push(authorization);
		const known = authorization === `Basic ${Buffer.from(`node:${password}`).toString("base64")}`;
		response.statusCode = request.url !== "/v1-k3s/readyz" ? 404 : known ? status : 401;
		response.end("ok");
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
	[status, silent, passwords] = [200, false, []];
});
afterAll(() => {
	server.closeAllConnections();
	server.close();
});

const ask = (token: string, timeout = 5000) => joinsAt(url, token, timeout);

it("waits for a server that says 503, that does not answer, that is not there; and for nothing else", async () => {
	const token = longToken("node", password, ca);
	expect(await ask(token)).toBe(true);
	status = 503;
	expect(await ask(token)).toBe(false);
	// One that is too old to have the question.
	status = 404;
	expect(await ask(token)).toBe(true);
	silent = true;
	expect(await ask(token, 200)).toBe(false);
	expect(await joinsAt("https://127.0.0.1:1", token, 1000)).toBe(false);
});

it("leaves a wrong password and another cluster's token to k3s' own words, and shows the latter to nobody", async () => {
	status = 503;
	expect(await ask(longToken("node", "wrong", ca))).toBe(true);
	expect(passwords).toHaveLength(1);
	expect(await ask(longToken("node", password, "another authority"))).toBe(true);
	expect(await ask("short")).toBe(true);
	expect(passwords).toHaveLength(1);
});
