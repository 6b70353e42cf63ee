import type { ClusterState, MachineState } from "../../core/contract/cluster-state.ts";
import { API_PORT } from "../../core/node/k3s-servers.ts";
import type { MachineSpec, Nic } from "../machine.ts";
import type { Plug } from "../switch/orders.ts";
import { disksOfMachine, filesOfMachine } from "./files.ts";

const SSH = 22;

/** The machine to start for an entry of the state; `resume` names a snapshot to go on from. Pure: the same state, the same machine. */
export function specOf(state: ClusterState, machine: MachineState, resume?: string): MachineSpec {
	const { kernel, accel } = state;
	const disks = disksOfMachine(machine);
	return {
		name: machine.name,
		memoryMiB: machine.memory,
		cpus: machine.cpus,
		accel,
		firmware: kernel ? { kernel: kernel.vmlinuz, initrd: kernel.initrd, append: kernel.cmdline } : "bios",
		disks: [
			{ file: disks.root, format: "qcow2", unsafe: true },
			{ file: disks.seed, format: "raw", readonly: true },
		],
		nics: [managementNic(state, machine), lanNic(machine)],
		serialNumber: machine.serial,
		resume,
		files: filesOfMachine(state, machine),
	};
}

/** Loopback ports into the node; out of it only with `--net nat`. */
function managementNic({ net }: ClusterState, { management, ssh, api, publish = [] }: MachineState): Nic {
	const own = [{ host: ssh, guest: SSH }, ...(api === undefined ? [] : [{ host: api, guest: API_PORT }])];
	return { kind: "user", mac: management.mac, restrict: net === "isolated", forwards: [...own, ...publish] };
}

function lanNic({ lan }: MachineState): Nic {
	return { kind: "dgram", mac: lan.mac, localPort: lan.port, remotePort: lan.peer };
}

/** The other end of the machine's LAN cable. */
export function plugOf(state: ClusterState, machine: MachineState): Plug {
	const { mac, address, port, peer } = machine.lan;
	const { pid, qmp } = filesOfMachine(state, machine);
	return { node: machine.name, mac, address, port, peer, process: { pid, word: qmp } };
}
