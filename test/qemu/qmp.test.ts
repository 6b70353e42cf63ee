import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { QmpClient } from "../../qemu/qmp.ts";

type Answer = (request: { execute: string; arguments: unknown; id: number }, socket: Socket) => void;

let folder: string;
let server: Server;
const path = () => join(folder, "qmp.sock");

/** A stand-in for QEMU: greets, agrees to any capabilities and leaves the rest to `answer`. */
async function serve(answer: Answer, greeting = '{"QMP": {"version": {}, "capabilities": []}}\r\n'): Promise<void> {
	server = createServer((socket) => {
		socket.on("error", () => {});
		socket.write(greeting);
		createInterface({ input: socket }).on("line", (line) => {
			const request = JSON.parse(line);
			if (request.execute === "qmp_capabilities") socket.write(`{"return": {}, "id": ${request.id}}\r\n`);
			else answer(request, socket);
		});
	});
	await new Promise<void>((listening) => server.listen(path(), listening));
}

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "qmp-"));
});

afterEach(async () => {
	server.close();
	await rm(folder, { recursive: true });
});

describe("QmpClient", () => {
	it("matches answers to commands by id, also out of order and in pieces", async () => {
		const held: number[] = [];
		await serve(({ id }, socket) => {
			held.push(id);
			if (held.length < 2) return;
			const text = held
				.map((n) => `{"return": {"of": ${n}}, "id": ${n}}\r\n`)
				.toReversed()
				.join("");
			socket.write(text.slice(0, 7));
			setTimeout(() => socket.write(text.slice(7)), 20);
		});
		await using client = await QmpClient.connect(path());
		const [a, b] = await Promise.all([client.execute<{ of: number }>("a"), client.execute<{ of: number }>("b")]);
		expect(b.of - a.of).toBe(1);
	});

	it("throws what QEMU refuses", async () => {
		await serve(({ id }, s) => s.write(`{"error": {"class": "CommandNotFound", "desc": "no such command"}, "id": ${id}}\r\n`));
		await using client = await QmpClient.connect(path());
		await expect(client.execute("nonsense")).rejects.toMatchObject({
			name: "QmpError",
			kind: "CommandNotFound",
			message: "QMP nonsense: no such command",
		});
	});

	it("waits for an event by name", async () => {
		await serve(({ id }, socket) => {
			socket.write(`{"event": "STOP"}\r\n{"event": "RESET", "data": {"guest": true}}\r\n{"return": {}, "id": ${id}}\r\n`);
		});
		await using client = await QmpClient.connect(path());
		const [event] = await Promise.all([client.waitForEvent("RESET", 2000), client.execute("system_reset")]);
		expect(event.data).toEqual({ guest: true });
	});

	it("gives up in time on a command that is not answered, and on a socket that does not greet", async () => {
		await serve(() => {});
		await using client = await QmpClient.connect(path());
		await expect(client.execute("stop", {}, 50)).rejects.toThrow("no answer to QMP stop (waited 0.05 s)");
		server.close();
		await rm(path(), { force: true });
		await serve(() => {}, "");
		await expect(QmpClient.connect(path(), 50)).rejects.toThrow("no greeting");
	});

	it("fails what is under way, and what comes after, when QEMU ends", async () => {
		await serve((_, socket) => socket.destroy());
		await using client = await QmpClient.connect(path());
		const event = expect(client.waitForEvent("RESET", 5000)).rejects.toThrow("QEMU closed");
		await expect(client.execute("quit")).rejects.toThrow("QEMU closed");
		await event;
		await expect(client.execute("stop")).rejects.toThrow("QEMU closed");
	});

	it("fails on what is no QMP", async () => {
		await serve(() => {}, "SSH-2.0-OpenSSH\r\n");
		await expect(QmpClient.connect(path())).rejects.toThrow("not a QMP message: SSH-2.0-OpenSSH");
	});

	it("fails when nobody listens", async () => {
		await serve(() => {});
		await expect(QmpClient.connect(join(folder, "other"))).rejects.toThrow("ENOENT");
	});
});
