import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { clockAhead } from "../../../agent/clock/sntp.ts";

const servers: ReturnType<typeof createSocket>[] = [];
afterEach(() => servers.splice(0).forEach((server) => void server.close()));

/** A time server whose clock shows `now`; answers with what `reply` makes of it. */
async function serve(now: () => number, change: (reply: Buffer) => Buffer | undefined = (reply) => reply): Promise<number> {
	const server = createSocket("udp4");
	servers.push(server);
	server.on("message", (request, { port }) => {
		const reply = Buffer.alloc(48);
		reply[0] = 0x24;
		reply[1] = 10;
		request.copy(reply, 24, 40, 48);
		for (const offset of [32, 40]) {
			reply.writeUInt32BE((Math.floor(now() / 1000) + 2_208_988_800) % 2 ** 32, offset);
			reply.writeUInt32BE(Math.floor(((now() % 1000) / 1000) * 2 ** 32), offset + 4);
		}
		const changed = change(reply);
		if (changed) server.send(changed, port, "127.0.0.1");
	});
	server.bind(0, "127.0.0.1");
	await once(server, "listening");
	return server.address().port;
}

it.each([0, 3600, -3600, 1.5])("tells that the server's clock is %d s ahead", async (ahead) => {
	const port = await serve(() => Date.now() + 1000 * ahead);
	expect(await clockAhead("127.0.0.1", { port, timeout: 5000 })).toBeCloseTo(ahead, 0);
});

it("works after 7 February 2036, when NTP's seconds begin anew", async () => {
	const now = Date.UTC(2040, 0, 1);
	const port = await serve(() => now + 2000);
	expect(await clockAhead("127.0.0.1", { port, timeout: 5000, now: () => now })).toBe(2);
});

const set = (index: number, value: number) => (reply: Buffer) => {
	reply[index] = value;
	return reply;
};

it.each([
	["does not answer", () => undefined],
	["does not know the time", set(0, 0xe4)],
	["follows nobody", set(1, 16)],
	["is no server", set(0, 0x23)],
	["answers too little", (reply: Buffer) => reply.subarray(0, 40)],
])("has no opinion of one that %s", async (_what, change) => {
	const port = await serve(Date.now, change);
	expect(await clockAhead("127.0.0.1", { port, timeout: 200 })).toBeUndefined();
});

it("does not wait where nobody listens", async () => {
	const port = await serve(Date.now);
	servers.splice(0).forEach((server) => void server.close());
	expect(await clockAhead("127.0.0.1", { port, timeout: 60_000 })).toBeUndefined();
});
