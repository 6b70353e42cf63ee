import type { DgramNic, Nic, UserNic } from "../machine.ts";
import { optionList, optionValue } from "./option.ts";

/** One virtio network card; `index` counts from 0. Without its boot ROM, which only delays the firmware. */
export function nicArgs(nic: Nic, index: number): string[] {
	const id = `net${index}`;
	const backend = nic.kind === "user" ? userBackend(nic, id) : dgramBackend(nic, id);
	return ["-netdev", backend, "-device", `virtio-net-pci,${optionList({ netdev: id, mac: nic.mac })},romfile=`];
}

function userBackend(nic: UserNic, id: string): string {
	const forwards = nic.forwards.map(({ host, guest }) => `hostfwd=${optionValue(`tcp:127.0.0.1:${host}-:${guest}`)}`);
	return [`user,id=${id}`, `restrict=${nic.restrict ? "on" : "off"}`, ...forwards].join(",");
}

function dgramBackend(nic: DgramNic, id: string): string {
	const end = (side: "local" | "remote", port: number) => ({
		[`${side}.type`]: "inet",
		[`${side}.host`]: "127.0.0.1",
		[`${side}.port`]: port,
	});
	return `dgram,${optionList({ id, ...end("local", nic.localPort), ...end("remote", nic.remotePort) })}`;
}
