import { describe, expect, it } from "vitest";
import { clusterState } from "../../../core/contract/cluster-state.ts";
import { argv } from "../../../qemu/argv.ts";
import { macOf, planCluster } from "../../../qemu/cluster/plan.ts";
import { plugOf, specOf } from "../../../qemu/cluster/spec.ts";
import { clusterInput, ID } from "./inputs.ts";

describe("planCluster", () => {
	it("is a state as the contract has it", () => {
		expect(clusterState.parse(planCluster(clusterInput()))).toEqual(planCluster(clusterInput()));
	});

	it("gives each machine its own addresses, the same every time", () => {
		const { machines, switch: lan } = planCluster(clusterInput());
		expect(machines.map((machine) => machine.lan.address)).toEqual(["192.168.77.11", "192.168.77.12"]);
		const macs = machines.flatMap((machine) => [machine.lan.mac, machine.management.mac]);
		expect(new Set(macs).size).toBe(4);
		for (const mac of macs) expect(mac).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
		expect(lan.control).toBe("/run/c/switch.sock");
		expect(macOf("another", "c1", "lan")).not.toBe(macOf(ID, "c1", "lan"));
	});

	it("takes MAC, serial and ssh port from the description where it has them", () => {
		const nodes = [{ name: "c1", cpus: 1, memoryMiB: 512, lanMac: "52:54:00:00:00:01", serial: "S1", sshPort: 2222 }];
		expect(planCluster(clusterInput({ nodes })).machines[0]).toMatchObject({
			serial: "S1",
			ssh: 2222,
			lan: { mac: "52:54:00:00:00:01" },
		});
	});

	it("keeps what machines have when nodes come and go", () => {
		const before = planCluster(clusterInput());
		const node = (name: string) => ({ name, cpus: 1, memoryMiB: 1024 });
		const nodes = [node("n2"), node("n1"), node("n3")];
		const ports = nodes.map((_, i) => ({ ssh: 50_000 + i, lan: 51_000 + i, peer: 52_000 + i }));
		const { machines } = planCluster(clusterInput({ nodes, ports, before, sockets: "/run/elsewhere" }));
		expect(machines.map(({ name, ssh, lan }) => [name, ssh, lan.address])).toEqual([
			["n2", 50_000, "192.168.77.11"],
			["n1", 40_001, "192.168.77.12"],
			["n3", 50_002, "192.168.77.13"],
		]);
		expect(planCluster(clusterInput({ before, sockets: "/run/elsewhere" })).switch).toEqual(before.switch);
	});

	it("adds published ports, and moves one that is given again", () => {
		const before = planCluster(clusterInput({ publish: [{ host: 8080, node: "c1", guest: 80 }] }));
		const publish = [
			{ host: 8080, node: "c1", guest: 81 },
			{ host: 9090, node: "c1", guest: 90 },
		];
		expect(planCluster(clusterInput({ before, publish })).machines[0]!.publish).toEqual([
			{ host: 8080, guest: 81 },
			{ host: 9090, guest: 90 },
		]);
	});

	it("leads a port to k3s' API where one is given, and keeps it", () => {
		const ports = [
			{ ssh: 40_000, lan: 41_000, peer: 42_000, api: 43_000 },
			{ ssh: 40_001, lan: 41_001, peer: 42_001 },
		];
		const before = planCluster(clusterInput({ ports }));
		expect(clusterState.parse(before).machines.map(({ api }) => api)).toEqual([43_000, undefined]);
		expect(planCluster(clusterInput({ before })).machines[0]).toMatchObject({ api: 43_000 });
		const words = argv(specOf(before, before.machines[0]!)).join(" ");
		expect(words).toContain("hostfwd=tcp:127.0.0.1:40000-:22,hostfwd=tcp:127.0.0.1:43000-:6443");
		expect(argv(specOf(before, before.machines[1]!)).join(" ")).not.toContain("6443");
	});

	it("refuses more nodes than there are addresses, and ports of nodes that are not there", () => {
		const many = Array.from({ length: 118 }, (_, i) => ({ name: `n${i}`, cpus: 1, memoryMiB: 1024 }));
		expect(() => planCluster(clusterInput({ nodes: many }))).toThrow(/at most 117 nodes, this one 118/);
		expect(planCluster(clusterInput({ nodes: many.slice(1) })).machines.at(-1)!.lan.address).toBe("192.168.77.127");
		const publish = [{ host: 80, node: "c9", guest: 80 }];
		expect(() => planCluster(clusterInput({ publish }))).toThrow(/--publish 80:c9:80: there is no node c9/);
	});
});

describe("a machine of the plan", () => {
	const kernel = { vmlinuz: "/k", initrd: "/i", cmdline: "root=/dev/vda4" };
	const words = (changes: Parameters<typeof clusterInput>[0] = {}, resume?: string) => {
		const state = planCluster(clusterInput({ kernel, ...changes }));
		return argv(specOf(state, state.machines[0]!, resume)).join(" ");
	};

	it("boots the image's kernel, over its own disk, with the seed read-only", () => {
		expect(words()).toMatch(/-kernel \/k -initrd \/i -append root=\/dev\/vda4 mitigations=off/);
		expect(words()).toContain("file=/lab/.clusteros/c1/root.qcow2,format=qcow2,cache=unsafe");
		expect(words()).toContain("file=/lab/.clusteros/c1/seed.img,format=raw,readonly=on");
		expect(words({ kernel: undefined })).not.toContain("-kernel");
	});

	it("has ssh on loopback, published ports, and a way out only with nat", () => {
		const publish = [{ host: 8080, node: "c1", guest: 80 }];
		expect(words({ publish })).toContain("restrict=on,hostfwd=tcp:127.0.0.1:40000-:22,hostfwd=tcp:127.0.0.1:8080-:80");
		expect(words({ net: "nat" })).toContain("restrict=off");
	});

	it("is paused when it goes on from a snapshot", () => {
		expect(words({}, "warm")).toMatch(/-loadvm warm -S$/);
		expect(words()).not.toContain("-loadvm");
	});

	it("is plugged in where its own cable ends", () => {
		const state = planCluster(clusterInput());
		const machine = state.machines[1]!;
		const { nics } = specOf(state, machine);
		expect(nics[1]).toEqual({ kind: "dgram", mac: machine.lan.mac, localPort: 41_001, remotePort: 42_001 });
		expect(plugOf(state, machine)).toMatchObject({ node: "n1", port: 41_001, peer: 42_001, address: "192.168.77.12" });
	});
});
