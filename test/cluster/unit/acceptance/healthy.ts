import { createHash } from "node:crypto";
import { nodeFiles } from "../../../../core/node/files/node-files.ts";
import { expandHostlist } from "../../../../core/node/hostlist.ts";
import { viewOf } from "../../../../core/node/members.ts";
import type { NodeFacts } from "../../../../core/node/types.ts";
import { fakeSeed, fakeSuite, type Rule } from "./fake-cluster.ts";

/** What the programs of a healthy five-node cluster say, as real nodes (Debian 13, SLURM 24.11) said it. */

const NODES = ["c1", "n1", "n2", "n3", "n4"];
const meshOf = (name: string) => `10.90.0.${NODES.indexOf(name) + 1}`;
const others = (name: string) => NODES.filter((node) => node !== name);
const keyOf = (name: string) => `${createHash("sha256").update(name).digest("base64")}`;
const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
const NOW = 1_795_380_912;
const BOOT = "3b1c6d2e-0c54-4a55-9b0e-7a8d2b6f7c11";

function idOf(name: string): string {
	return digestOf(name).slice(0, 16);
}

const lines = (names: readonly string[], line: (name: string) => string) => `${names.map(line).join("\n")}\n`;

const wireguard: Rule = (command, node) => {
	switch (command) {
		case "ip link show up dev wg0":
			return "5: wg0: <POINTOPOINT,NOARP,UP,LOWER_UP> mtu 1420 qdisc noqueue state UNKNOWN mode DEFAULT group default\n    link/none\n";
		case "wg show wg0 allowed-ips":
			return lines(others(node), (peer) => `${keyOf(peer)}\t${meshOf(peer)}/32`);
		case "wg show wg0 latest-handshakes":
			return lines(others(node), (peer) => `${keyOf(peer)}\t${NOW - 63}`);
		case "wg show wg0 persistent-keepalive":
			return lines(others(node), (peer) => `${keyOf(peer)}\t25`);
		case "date +%s":
			return `${NOW}\n`;
	}
	return undefined;
};

const network: Rule = (command) => {
	const to = /^ping .* (\S+)$/.exec(command)?.[1];
	if (to === undefined) return undefined;
	const address = NODES.includes(to) ? meshOf(to) : to;
	return `PING ${to} (${address}) 56(84) bytes of data.
64 bytes from ${address}: icmp_seq=1 ttl=64 time=4.18 ms

--- ${to} ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
rtt min/avg/max/mdev = 4.183/4.183/4.183/0.000 ms
`;
};

const auth: Rule = (command) => {
	if (command === "munge -n") return "MUNGE:own:\n";
	if (command.includes("munged --key-file")) return "MUNGE:foreign:\n";
	if (!command.includes("| unmunge")) return undefined;
	if (command.includes("MUNGE:own:")) return "STATUS:          Success (0)\nENCODE_HOST:     n1 (10.90.0.2)\n";
	return { text: "unmunge: Error: Invalid credential\n", code: 14 };
};

/** Two processors and 3000 MiB on every node. */
const facts: Rule = (command) => {
	if (command === "grep ^processor /proc/cpuinfo") return "processor\t: 0\nprocessor\t: 1\n";
	if (command === "grep ^MemTotal: /proc/meminfo") return "MemTotal:        3072000 kB\n";
	if (command === "cat /sys/devices/system/cpu/cpu0/topology/thread_siblings_list") return "0\n";
	if (command === "ls /var/lib/rancher/k3s/agent/images")
		return { text: "ls: cannot access '/var/lib/rancher/k3s/agent/images': No such file or directory\n", code: 2 };
	return undefined;
};

const MACHINE = { cpus: 2, threads: 1, memoryMiB: 3000, slurm: true, airgap: false };

const config: (k3s: boolean) => Rule = (k3s) => (command, node) => {
	if (command === "scontrol show config") return "SlurmctldHost[0]        = c1(10.90.0.1)\nHASH_VAL                = Match\n";
	const paths = /^sha256sum (.*slurm.*)$/.exec(command)?.[1]?.split(" ");
	if (paths) return lines(paths, (path) => `${digestOf(path.replace(/.*\//, ""))}  ${path}`);
	const [, program, path] = /^(stat -c %a %U:%G|cat) (\/etc\/\S+)$/.exec(command) ?? [];
	const file = path && filesOf(node, { ...MACHINE, k3s }).find((each) => each.path === path);
	if (!file) return path ? { text: `${path}: No such file or directory\n`, code: 1 } : undefined;
	if (program !== "cat") return `${file.mode.toString(8)} ${file.owner ?? "root:root"}\n`;
	return file.block ? `127.0.0.1 localhost\n# ours from here\n${file.content}# ours to here\n` : file.content;
};

function filesOf(name: string, has: NodeFacts) {
	const members = NODES.map((each) => {
		const roles = each === "c1" ? (["controller", "worker"] as const) : (["worker"] as const);
		return { name: each, mesh: meshOf(each), roles };
	});
	const self = members.find((member) => member.name === name)!;
	return nodeFiles(
		viewOf(
			fakeSeed(members),
			self,
			members.filter((member) => member !== self),
			has,
		),
	);
}

const logs: Rule = (command, node) => {
	if (command === "cat /proc/sys/kernel/random/boot_id") return `${BOOT}\n`;
	if (command.startsWith("journalctl --boot --unit=clusteros-agent.service")) {
		const record = (state: string) => `node=${idOf(node)} name=${node} state=${state} boot=${BOOT}`;
		return `${record("identify")}\n${record("discover")} reason="waiting: nobody yet"\n${record("ready")}\n`;
	}
	if (command.startsWith("systemd-run") && command.includes("/dev/kmsg")) return "5,0,0,-;Linux version 6.12.48\n";
	return undefined;
};

const identity: Rule = (command, node) => {
	if (command === "cat /run/clusteros/status.json")
		return `{\n\t"version": 1,\n\t"node": "${idOf(node)}",\n\t"state": "ready"\n}\n`;
	const [, program, files] = /^(sha256sum|stat -c %a %U %n) (\/var\/lib\/clusteros\/.*)$/.exec(command) ?? [];
	if (!files) return undefined;
	return lines(files.split(" "), (path) => (program === "sha256sum" ? `${digestOf(node + path)}  ${path}` : `600 root ${path}`));
};

const discovery: Rule = (command) => {
	if (!command.includes("serf members")) return undefined;
	const members = NODES.map((name) => ({
		name: `${name}.${idOf(name).slice(0, 8)}`,
		addr: "192.168.77.11:7946",
		status: "alive",
	}));
	return JSON.stringify({ members }, null, "  ");
};

const systemd: Rule = (command) => {
	if (command === "systemctl is-system-running") return "running\n";
	if (/^systemctl (--failed|list-jobs)/.test(command)) return "";
	return undefined;
};

/** SLURM and munge are in the image, k3s is not. */
const parts: Rule = (command) =>
	command.startsWith("test -x ") ? { text: "", code: command.endsWith("/k3s") ? 1 : 0 } : undefined;

const k3sPart: Rule = (command) => (command === "test -x /usr/local/bin/k3s" ? "" : undefined);
const podAddress = (name: string) => `10.42.${NODES.indexOf(name)}.7`;

/** A pod of the DaemonSet, as `kubectl get --output=json` shows it. */
export function podOn(name: string, status: object = { phase: "Running", podIP: podAddress(name) }): object {
	return { metadata: { name: `pod-${name}` }, spec: { nodeName: name }, status };
}

const kubectl: Rule = (command, node) => {
	const words = /^\/usr\/local\/bin\/kubectl --kubeconfig=\S+ (.*)$/.exec(command)?.[1];
	if (words === undefined) return undefined;
	if (node !== "c1") return { text: "error: stat /etc/rancher/k3s/k3s.yaml: no such file or directory", code: 1 };
	if (words === "apply --filename=-") return "daemonset.apps/pod created\n";
	if (words.startsWith("rollout status")) return 'daemon set "pod" successfully rolled out\n';
	if (words.startsWith("get pods")) return JSON.stringify({ items: NODES.map((name) => podOn(name)) });
	return undefined;
};

const pods: Rule = (command) => {
	if (command.includes("-lname /dev/kmsg")) return "/proc/812/fd/11\n/proc/812/fd/14\n";
	if (command.startsWith("sh -c test -x /usr/local/bin/k3s || exit 0; /usr/local/bin/kubectl")) return "";
	const address = /^timeout .*GET \/name.* (\S+) 8080$/s.exec(command)?.[1];
	const name = NODES.find((each) => podAddress(each) === address);
	return name && `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${name}\n`;
};

const journals: Rule = (command) => {
	if (command.startsWith("journalctl") && command.includes("--grep=")) return { text: "", code: 1 };
	if (command.startsWith("grep -rhE")) return { text: "grep: /var/log/slurm: No such file or directory\n", code: 2 };
	return undefined;
};

const OOM = "slurmstepd: error: Detected 1 oom_kill event in StepId=3.batch. Some of the step tasks have been OOM Killed.\n";

/** A queue that does what it is told: jobs end at once, but sleepers run until they are cancelled, and drained nodes keep theirs waiting. */
function queue(): Rule {
	const jobs = new Map<string, { script: string; args: string; cancelled: boolean }>();
	const drained = new Set<string>();
	const job = (id: string) => {
		const { script, args, cancelled } = jobs.get(id)!;
		const wanted = /--nodelist=(\S+)/.exec(args)?.[1];
		if (wanted && drained.has(wanted)) return record(id, "PENDING", "ReqNodeNotAvail,_UnavailableNodes:n2", "");
		if (cancelled) return record(id, "CANCELLED", "None", "n1");
		if (script.startsWith("sleep")) return record(id, "RUNNING", "None", "n1");
		if (args.includes("--mem=60M")) return record(id, "OUT_OF_MEMORY", "OutOfMemory", "n1");
		if (args.includes("--array=0-9")) return Array.from({ length: 10 }, () => record(id, "COMPLETED", "None", "n1")).join("\n");
		return record(id, "COMPLETED", "None", wanted ?? "n1");
	};
	return (command) => {
		const [, args, script] = /^sbatch (.*) --wrap=([\s\S]*)$/.exec(command) ?? [];
		if (args !== undefined) {
			const id = String(jobs.size + 1);
			jobs.set(id, { args, script: script!, cancelled: false });
			return `${id}\n`;
		}
		const id = /^scontrol show job --oneliner (\d+)$/.exec(command)?.[1];
		if (id) return `${job(id)}\n`;
		const ended = /^scancel (?:--quiet )?(\d+)$/.exec(command)?.[1];
		if (ended) {
			jobs.get(ended)!.cancelled = true;
			return "";
		}
		const [, node, state] = /^scontrol update nodename=(\S+) state=(drain|resume)/.exec(command) ?? [];
		if (node) {
			if (state === "drain") drained.add(node);
			else drained.delete(node);
			return "";
		}
		// What a job printed, on the node where it ran.
		const printed = /^sh -c .*cat .* clusteros-test-(\d+)\.out$/.exec(command)?.[1];
		if (printed) return jobs.get(printed)!.script === "hostname" ? "n1\n" : OOM;
		if (command.startsWith("sinfo")) return lines(NODES, (name) => `${name} ${drained.has(name) ? "drained" : "idle"}`);
		return undefined;
	};
}

function record(id: string, state: string, reason: string, host: string): string {
	const batch = host === "" ? "" : ` NumNodes=1 BatchHost=${host}`;
	return `JobId=${id} JobName=clusteros-test UserId=ada(2001) Priority=1 JobState=${state} Reason=${reason} Dependency=(null)${batch}`;
}

const slurm: Rule = (command) => {
	if (command.startsWith("squeue")) return "";
	const node = /^scontrol show node (\S+)$/.exec(command)?.[1];
	if (node) return `NodeName=${node} CPUAlloc=0 CPUEfctv=2 CPUTot=${node === "c1" ? 2 : 1} ThreadsPerCore=1\n`;
	if (/^srun .*cpuset/.test(command)) return "0\n";
	const nodes = /^srun -N\d+ --nodelist=(\S+) .*hostname$/.exec(command)?.[1];
	if (nodes) return lines(expandHostlist(nodes), (name) => name);
	return undefined;
};

/** Rules of a healthy cluster; `first` come before them. */
export function healthySuite(first: readonly Rule[] = [], options: Parameters<typeof fakeSuite>[1] = {}) {
	const all = [
		wireguard,
		network,
		auth,
		facts,
		config(false),
		logs,
		identity,
		discovery,
		systemd,
		parts,
		pods,
		journals,
		queue(),
		slurm,
	];
	return fakeSuite([...first, ...all], { nodes: NODES, ...options });
}

/** As {@link healthySuite}, of an image with k3s as well. */
export function healthyHybrid(first: readonly Rule[] = [], options: Parameters<typeof fakeSuite>[1] = {}) {
	return healthySuite([...first, k3sPart, kubectl, facts, config(true)], options);
}
