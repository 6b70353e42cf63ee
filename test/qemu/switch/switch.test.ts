import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { poll } from "../../../core/deadline.ts";
import { isProcess } from "../../../qemu/process-id.ts";
import { order } from "../../../qemu/switch/client.ts";
import type { Order, SwitchStats } from "../../../qemu/switch/orders.ts";
import { findSwitch, type SwitchFiles, startSwitch, stopSwitch, switchFiles } from "../../../qemu/switch/process.ts";
import { frame, MAC } from "./frames.ts";

const LAN = { network: "192.168.77.0/24", look: 0.2 };
let folder: string;
let program: string;
let dir: string;
let files: SwitchFiles;
let machines: Machine[] = [];

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "switch-"));
	program = join(folder, "switch.mjs");
	const entryPoints = [join(import.meta.dirname, "../../../qemu/switch/main.ts")];
	await build({ entryPoints, outfile: program, bundle: true, platform: "node", target: "node20", format: "esm" });
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
	dir = await mkdtemp(join(folder, "c-"));
	files = switchFiles(dir, join(dir, "s.sock"));
	await startSwitch(program, files, LAN);
});
afterEach(async () => {
	for (const { socket } of machines) socket.close();
	machines = [];
	await stopSwitch(files);
});

/** A machine's end of its cable, without the machine. */
class Machine {
	readonly socket: Socket = createSocket("udp4");
	readonly heard: string[] = [];
	readonly mac: string;
	peer = 0;

	constructor(mac: string) {
		this.mac = mac;
		this.socket.on("message", (bytes) => this.heard.push(bytes.subarray(14).toString()));
		machines.push(this);
	}

	send(target: string, content: string): void {
		this.socket.send(frame(target, this.mac, content), this.peer, "127.0.0.1");
	}

	async hears(content: string, timeout = 2000): Promise<boolean> {
		return (await poll(() => (this.heard.includes(content) ? true : undefined), { timeout, every: 5 })) ?? false;
	}
}

async function freeUdpPort(): Promise<number> {
	const socket = createSocket("udp4").bind(0, "127.0.0.1");
	await once(socket, "listening");
	const { port } = socket.address() as AddressInfo;
	socket.close();
	return port;
}

async function tell(given: Order): Promise<void> {
	const answer = await order(files.control, given);
	if (!answer.ok) throw new Error(answer.error);
}

/** Plugs a machine in; `word` of a process decides whether it counts as running. */
async function plug(node: "a" | "b" | "c", pid = join(dir, "none"), word = "none"): Promise<Machine> {
	const machine = new Machine(MAC[node]);
	machine.socket.bind(0, "127.0.0.1");
	await once(machine.socket, "listening");
	machine.peer = await freeUdpPort();
	const port = machine.socket.address().port;
	const address = `192.168.77.1${{ a: 1, b: 2, c: 3 }[node]}`;
	await tell({ order: "plug", plug: { node, mac: MAC[node], address, port, peer: machine.peer, process: { pid, word } } });
	return machine;
}

async function stats(): Promise<SwitchStats> {
	const answer = await order(files.control, { order: "stats" });
	return (answer as { stats: SwitchStats }).stats;
}

describe("the switch as a process", () => {
	it("carries frames between machines, to one or to all", async () => {
		const [a, b, c] = [await plug("a"), await plug("b"), await plug("c")];
		b.send(MAC.all, "here is b");
		expect(await a.hears("here is b")).toBe(true);
		expect(await c.hears("here is b")).toBe(true);
		a.send(MAC.b, "for b alone");
		expect(await b.hears("for b alone")).toBe(true);
		await sleep(30);
		expect(c.heard).toEqual(["here is b"]);
	});

	it("does not take frames from anyone but the machine", async () => {
		const [a, b] = [await plug("a"), await plug("b")];
		const stranger = new Machine(MAC.c);
		stranger.peer = a.peer;
		stranger.send(MAC.all, "let me in");
		a.send(MAC.all, "hello");
		expect(await b.hears("hello")).toBe(true);
		expect(b.heard).toEqual(["hello"]);
		expect((await stats()).nodes.a).toMatchObject({ received: 1, strangers: 1 });
	});

	it("cuts and heals, both ways", async () => {
		const [a, b] = [await plug("a"), await plug("b")];
		await tell({ order: "cut", node: "b" });
		a.send(MAC.all, "1");
		b.send(MAC.all, "2");
		await tell({ order: "heal", node: "b" });
		await sleep(30);
		a.send(MAC.all, "3");
		b.send(MAC.all, "4");
		expect(await a.hears("4")).toBe(true);
		expect(await b.hears("3")).toBe(true);
		expect([...a.heard, ...b.heard].toSorted()).toEqual(["3", "4"]);
	});

	it("delays and loses as told", async () => {
		const [a, b] = [await plug("a"), await plug("b")];
		await tell({ order: "delay", node: "b", ms: 200 });
		const sent = performance.now();
		a.send(MAC.all, "late");
		expect(await b.hears("late")).toBe(true);
		expect(performance.now() - sent).toBeGreaterThanOrEqual(195);
		await tell({ order: "loss", node: "a", percent: 100 });
		a.send(MAC.all, "lost");
		await sleep(300);
		expect(b.heard).toEqual(["late"]);
		expect((await stats()).nodes).toMatchObject({ a: { loss: 100 }, b: { delay: 200 } });
	});

	it("records what it sees, for its owner alone", async () => {
		const a = await plug("a");
		const file = join(dir, "lan.pcap");
		await tell({ order: "record", file });
		a.send(MAC.all, "on tape");
		await poll(async () => ((await stats()).nodes.a!.received > 0 ? true : undefined), { timeout: 2000 });
		await tell({ order: "record", file: null });
		a.send(MAC.all, "not on tape");
		const bytes = await readFile(file);
		expect(bytes.subarray(0, 24).toString("hex")).toBe("a1b2c3d40002000400000000000000000000ffff00000001");
		expect(bytes.readUInt32BE(32)).toBe(21);
		expect(bytes.subarray(40).equals(frame(MAC.all, MAC.a, "on tape"))).toBe(true);
		expect((await stat(file)).mode & 0o777).toBe(0o600);
	});

	it("goes on with a machine on other ports, and says when a port is taken", async () => {
		const [a, b] = [await plug("a"), await plug("b")];
		const process = { pid: join(dir, "none"), word: "none" };
		const taken = { node: "c", mac: MAC.c, address: "192.168.77.13", port: 9, peer: a.peer, process };
		expect(await order(files.control, { order: "plug", plug: taken })).toMatchObject({ ok: false, code: "EADDRINUSE" });
		const again = await plug("a");
		again.send(MAC.all, "moved");
		expect(await b.hears("moved")).toBe(true);
		await tell({ order: "unplug", node: "a" });
		expect(Object.keys((await stats()).nodes)).toEqual(["b"]);
	});

	it.each([
		["not json", /not valid JSON|Unexpected token/],
		["[]", /no such order/],
		['{"order":"explode"}', /no such order: "explode"/],
		['{"order":"cut"}', /"node" has to be text/],
		['{"order":"loss","node":"a","percent":101}', /0 to 100/],
		['{"order":"cut","node":"zz"}', /no machine zz/],
	])("answers %s in words and lives on", async (line, words) => {
		const client = connect({ path: files.control });
		client.write(`${line}\n`);
		const [answer] = (await once(client.setEncoding("utf8"), "data")) as [string];
		client.destroy();
		expect(JSON.parse(answer)).toEqual({ ok: false, error: expect.stringMatching(words) });
		expect((await stats()).pid).toBe(await findSwitch(files));
	});
});

describe("its life", () => {
	it("starts once, and keeps its socket and files to its owner", async () => {
		const { pid } = await stats();
		expect(await startSwitch(program, files, LAN)).toEqual({ started: false });
		expect((await stats()).pid).toBe(pid);
		for (const file of [files.control, files.config, files.pid, files.log]) expect((await stat(file)).mode & 0o777).toBe(0o600);
	});

	it("stops on order, says so in its log, and leaves nothing else", async () => {
		const { pid } = await stats();
		await stopSwitch(files);
		expect(isProcess(pid, files.config)).toBe(false);
		expect(await readFile(files.log, "utf8")).toMatch(/ends: told to\n$/);
		for (const file of [files.control, files.config, files.pid]) await expect(stat(file)).rejects.toThrow(/ENOENT/);
	});

	it("is started again after it was killed, over what it left", async () => {
		const { pid } = await stats();
		process.kill(pid, "SIGKILL");
		await poll(() => (isProcess(pid, files.config) ? undefined : true), { timeout: 2000, every: 10 });
		expect(await findSwitch(files)).toBeUndefined();
		expect(await startSwitch(program, files, LAN)).toEqual({ started: true });
	});

	it("does not take a process for the switch that only has its number", async () => {
		await stopSwitch(files);
		await writeFile(files.pid, `${process.pid}\n`);
		expect(await findSwitch(files)).toBeUndefined();
		await stopSwitch(files);
	});

	it("says why when it cannot start", async () => {
		const nowhere = switchFiles(dir, join(dir, "no-such-folder", "s.sock"));
		await stopSwitch(files);
		await expect(startSwitch(program, nowhere, LAN)).rejects.toMatchObject({
			failure: { exitCode: 1, tail: expect.arrayContaining([expect.stringMatching(/cannot start: .*no-such-folder/)]) },
		});
	});

	it("ends by itself when all its machines are gone", async () => {
		const child = spawn("sleep", ["60.125"]);
		const pidFile = join(dir, "machine.pid");
		await writeFile(pidFile, String(child.pid));
		await plug("a", pidFile, "60.125");
		const pid = (await stats()).pid;
		await sleep(600);
		expect(isProcess(pid, files.config)).toBe(true);
		child.kill("SIGKILL");
		expect(await poll(() => (isProcess(pid, files.config) ? undefined : "ended"), { timeout: 3000 })).toBe("ended");
		expect(await readFile(files.log, "utf8")).toMatch(/ends: no machine runs any more\n$/);
	});
});
