import { createSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";

/**
 * `count` different TCP ports that nobody listens on at 127.0.0.1. They are free when they are returned; who takes them
 * later than that may find one taken, which QEMU says at its start.
 */
export async function freePorts(count: number): Promise<number[]> {
	const servers = await Promise.all(Array.from({ length: count }, listen));
	const ports = servers.map((server) => (server.address() as AddressInfo).port);
	await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
	return ports;
}

/** `count` different UDP ports at 127.0.0.1, free when they are returned. */
export async function freeUdpPorts(count: number): Promise<number[]> {
	const sockets = Array.from({ length: count }, () => createSocket("udp4").bind(0, "127.0.0.1"));
	await Promise.all(sockets.map((socket) => once(socket, "listening")));
	const ports = sockets.map((socket) => socket.address().port);
	await Promise.all(sockets.map((socket) => new Promise<void>((closed) => socket.close(() => closed()))));
	return ports;
}

async function listen(): Promise<Server> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	return server;
}
