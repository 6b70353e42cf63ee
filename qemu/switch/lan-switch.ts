import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { ipv4Number, type Network, parseNetwork } from "./addresses.ts";
import { answerDhcp } from "./dhcp-server.ts";
import { type Cable, type Delivery, echo, forward, GOOD_CABLE, learn, type MacTable } from "./fabric.ts";
import { Leases } from "./leases.ts";
import type { CableOrder, NodeStats, Plug, SwitchStats } from "./orders.ts";
import { PcapFile } from "./pcap.ts";

/** A machine's end at the switch. */
interface Port {
	readonly plug: Plug;
	readonly socket: Socket;
	received: number;
	sent: number;
	strangers: number;
}

const LOOPBACK = "127.0.0.1";
/** As large as an unprivileged process gets without a question: a burst from one machine must not drown. */
const BUFFER = 212_992;

/**
 * The cluster LAN: a learning switch between UDP sockets, one a machine, with a DHCP server inside. Frames that a fault does
 * not hold back go on at once; nothing happens while nobody sends.
 */
export class LanSwitch {
	readonly #lan: Network;
	readonly #leases: Leases;
	readonly #ports = new Map<string, Port>();
	readonly #cables = new Map<string, Cable>();
	readonly #table: MacTable = new Map();
	readonly #log: (line: string) => void;
	#record: PcapFile | undefined;

	constructor(network: string, log: (line: string) => void) {
		this.#lan = parseNetwork(network);
		this.#leases = new Leases(this.#lan);
		this.#log = log;
	}

	/** Carries out an order about cables. @throws Error in words for people. */
	async obey(order: CableOrder): Promise<void> {
		switch (order.order) {
			case "plug":
				return this.#plug(order.plug);
			case "unplug":
				return this.#unplug(order.node);
			case "record":
				return this.#recordTo(order.file);
			case "cut":
				return this.#change(order.node, { cut: true });
			case "heal":
				return this.#change(order.node, GOOD_CABLE);
			case "loss":
				return this.#change(order.node, { loss: order.percent / 100 });
			case "delay":
				return this.#change(order.node, { delay: order.ms });
		}
	}

	plugs(): Plug[] {
		return [...this.#ports.values()].map(({ plug }) => plug);
	}

	stats(): SwitchStats {
		const nodes = [...this.#ports].map(([node, port]): [string, NodeStats] => {
			const { cut, loss, delay } = this.#cables.get(node)!;
			const { received, sent, strangers } = port;
			return [node, { cut, loss: loss * 100, delay, received, sent, strangers }];
		});
		const recording = this.#record?.file ?? null;
		return { pid: process.pid, recording, leases: this.#leases.size, nodes: Object.fromEntries(nodes) };
	}

	close(): void {
		this.#recordTo(null);
		for (const { socket } of this.#ports.values()) socket.close();
		this.#ports.clear();
	}

	/** A machine that is there already gets new ports; what is wrong with its cable stays. */
	async #plug(plug: Plug): Promise<void> {
		this.#ports.get(plug.node)?.socket.close();
		const socket = createSocket("udp4");
		socket.bind(plug.peer, LOOPBACK);
		await once(socket, "listening");
		socket.setRecvBufferSize(BUFFER);
		socket.setSendBufferSize(BUFFER);
		const port: Port = { plug, socket, received: 0, sent: 0, strangers: 0 };
		socket.on("error", (error) => this.#log(`${plug.node}: ${error.message}`));
		socket.on("message", (frame, from) => {
			if (from.port === plug.port && from.address === LOOPBACK) this.#take(frame, port);
			else if (port.strangers++ === 0) this.#log(`${plug.node}: frames from ${from.address}:${from.port} are not taken`);
		});
		this.#ports.set(plug.node, port);
		this.#cables.set(plug.node, this.#cables.get(plug.node) ?? GOOD_CABLE);
		this.#leases.fix(plug.mac, ipv4Number(plug.address));
		this.#log(`${plug.node} is plugged in: ${plug.mac}, ${plug.address}, ports ${plug.port} and ${plug.peer}`);
	}

	#unplug(node: string): void {
		this.#known(node).socket.close();
		this.#ports.delete(node);
		this.#cables.delete(node);
		this.#log(`${node} is unplugged`);
	}

	#change(node: string, change: Partial<Cable>): void {
		this.#known(node);
		const cable = { ...this.#cables.get(node)!, ...change };
		this.#cables.set(node, cable);
		this.#log(`${node}: ${cable.cut ? "cut" : "connected"}, loss ${cable.loss * 100} %, delay ${cable.delay} ms`);
	}

	#recordTo(file: string | null): void {
		this.#record?.close();
		this.#record = undefined;
		if (file === null) return;
		this.#record = new PcapFile(file, (error) => {
			this.#log(`the recording has ended: ${error.message}`);
			this.#record = undefined;
		});
		this.#log(`recording to ${file}`);
	}

	#known(node: string): Port {
		const port = this.#ports.get(node);
		if (!port) throw new Error(`no machine ${node} is plugged in`);
		return port;
	}

	#take(frame: Buffer, port: Port): void {
		const { node } = port.plug;
		port.received++;
		const now = this.#record ? Date.now() : 0;
		this.#record?.add(frame, now);
		learn(frame, node, this.#table);
		const reply = answerDhcp(frame, this.#lan, this.#leases);
		if (reply === undefined) this.#send(frame, forward(frame, node, this.#table, this.#cables, Math.random));
		if (!reply) return;
		this.#record?.add(reply, now);
		this.#send(reply, echo(node, this.#cables, Math.random));
	}

	#send(frame: Uint8Array, deliveries: readonly Delivery[]): void {
		for (const { to, delay } of deliveries) {
			if (delay > 0) setTimeout(() => this.#deliver(frame, to), delay);
			else this.#deliver(frame, to);
		}
	}

	#deliver(frame: Uint8Array, to: string): void {
		const port = this.#ports.get(to);
		if (!port) return;
		port.sent++;
		port.socket.send(frame, port.plug.port, LOOPBACK);
	}
}
