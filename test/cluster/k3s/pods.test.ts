import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { busyboxLayer } from "../../../builder/oci/busybox.ts";
import { writeDockerArchive } from "../../../builder/oci/docker-archive.ts";
import { writeLayer } from "../../../builder/oci/layer.ts";
import { mustClusteros } from "../clusteros.ts";
import { everywhere, K3S, Kube, once, type Pod, pidOf, without } from "./kube.ts";

/** Pods on a cluster of five that runs SLURM as well: reached from here, over the mesh, and within their limits. */

const NODES = ["c1", "n1", "n2", "n3", "n4"];
const SPACE = "trial-pods";
/** Bytes of the file that pods serve. */
const BIG = 8_000_000;
const MIB = 2 ** 20;

describe.skipIf(!K3S)(`pods beside SLURM${without}`, () => {
	let kube: Kube;
	let pods: ReadonlyMap<string, Pod>;

	beforeAll(async () => {
		kube = await Kube.open(inject("cluster"));
		await kube.lab.ready(NODES);
		await kube.apply(...everywhere(SPACE, BIG));
		pods = await kube.running(SPACE, NODES, 120);
	});
	afterAll(async () => {
		await kube?.ctl(["delete", "namespace", SPACE, "--wait=false"]);
		await kube?.[Symbol.asyncDispose]();
	});

	it("are asked for from this machine, by the kubeconfig that clusteros prints: five nodes, with their mesh addresses", async () => {
		await kube.untilReady(NODES, 1);
		const addresses = (await kube.nodes()).map(({ metadata, status }) => {
			return [metadata.name, status.addresses.find(({ type }) => type === "InternalIP")?.address];
		});
		expect(Object.fromEntries(addresses)).toEqual({
			c1: "10.90.0.1",
			n1: "10.90.0.2",
			n2: "10.90.0.3",
			n3: "10.90.0.4",
			n4: "10.90.0.5",
		});
	});

	it("reach each other through WireGuard, in packets of full size that nobody has to cut in two", async () => {
		const [here, there] = [pods.get("n1")!, pods.get("n2")!];
		const key = (await kube.lab.root("n2", "wg show wg0 public-key")).trim();
		const received = async () => {
			const lines = (await kube.lab.root("n1", "wg show wg0 transfer")).trim().split("\n");
			return Number(lines.map((line) => line.split("\t")).find(([peer]) => peer === key)![1]);
		};
		/** Packets that were cut in two on the way out, or put together again: IPv4's counters of the kernel. */
		const cut = async () => {
			const asked = "nstat -asz IpFragCreates IpReasmReqds | awk '/^Ip/ { print $2 }'";
			return Promise.all(["n1", "n2"].map(async (node) => (await kube.lab.root(node, asked)).trim()));
		};
		const before = { received: await received(), cut: await cut() };
		expect(await kube.fetched("n1", here, there)).toBeGreaterThan(BIG);
		expect((await received()) - before.received).toBeGreaterThan(BIG);

		const mtu = Number(await kube.inPod("n1", here, 'ip -o link show eth0 | sed -E "s/.* mtu ([0-9]+).*/\\1/"'));
		// VXLAN takes 50 bytes of what WireGuard carries.
		const wg0 = Number(await kube.lab.root("n1", "cat /sys/class/net/wg0/mtu"));
		expect(mtu).toBe(wg0 - 50);
		const ping = (size: number) => kube.inPod("n1", here, `ping -c 3 -M do -s ${size - 28} ${there.status.podIP}`);
		expect(await ping(mtu)).toMatch(/ 0% packet loss/);
		await expect(ping(mtu + 1)).rejects.toThrow(/message too long|100% packet loss/i);
		expect(await cut()).toEqual(before.cut);
	});

	it("and a job on the same node are each held to their memory, at the same time; others there go on", async () => {
		const go = "/tmp/clusteros-trial-go";
		const neighbour = pods.get("n1")!;
		await kube.lab.root("n1", `rm -f ${go}`);
		// Both wait for a word, so that they are there at once; then each takes what it can.
		const wait = (file: string) => `until [ -e ${file} ]; do sleep 1; done; tail /dev/zero`;
		const limits = { resources: { limits: { memory: `${48 * MIB}` } } };
		await kube.apply(once(SPACE, "greedy", "n1", { command: ["sh", "-c", wait("/tmp/go")], ...limits }));
		const submit = `sbatch --parsable -w n1 -n1 --mem=96 -o /dev/null --wrap '${wait(go)}'`;
		const greedy = (await kube.lab.user("c1", submit)).trim();
		const state = async () => /JobState=(\S+)/.exec(await kube.lab.root("c1", `scontrol show job ${greedy}`))![1];
		await kube.lab.until("the job to run", ["c1", "n1"], 30, async () => (await state()) === "RUNNING");
		const find = async () => (await kube.pods(SPACE)).find(({ metadata }) => metadata.name === "greedy")!;
		const pod = await kube.lab.until("the greedy pod to run", "n1", 60, async () => {
			const found = await find();
			return found.status.phase === "Running" && found;
		});

		const limit = (pid: string) => `${pid}\ncat "/sys/fs/cgroup$(cut -d: -f3 "/proc/$pid/cgroup")/memory.max"`;
		expect(Number(await kube.lab.root("n1", limit(pidOf(pod))))).toBe(48 * MIB);
		const ofJob = `find /sys/fs/cgroup/system.slice -path '*slurmstepd.scope/job_${greedy}/memory.max' -exec cat {} +`;
		expect(Number(await kube.lab.root("n1", ofJob))).toBe(96 * MIB);

		await kube.lab.root("n1", `${pidOf(pod)}\ntouch ${go} "/proc/$pid/root/tmp/go"`);
		await kube.lab.until("the job to be killed by its limit", ["c1", "n1"], 60, async () => {
			return (await state()) === "OUT_OF_MEMORY";
		});
		await kube.lab.until("the pod to be killed by its limit", ["c1", "n1"], 60, async () => {
			return (await find()).status.containerStatuses?.[0]?.state.terminated?.reason === "OOMKilled";
		});
		const after = (await kube.running(SPACE, ["n1"])).get("n1")!;
		expect(after.status.containerStatuses![0]!.restartCount).toBe(neighbour.status.containerStatuses![0]!.restartCount);
		await kube.lab.root("n1", `rm -f ${go}`);
		expect((await kube.lab.user("c1", "srun -w n1 hostname")).trim()).toBe("n1");
	});

	it("take an image that clusteros brings to the nodes; one whose disk is full says so, and the others have it", async () => {
		const room = await mkdtemp(join(tmpdir(), "clusteros-image-"));
		const file = join(room, "trial.tar");
		try {
			await mustClusteros("cp", kube.lab.dir, "n1:/usr/bin/busybox", join(room, "busybox"));
			const layer = await writeLayer(join(room, "layer.tar"), busyboxLayer(join(room, "busybox"), ["sh", "echo", "sleep"]), 0);
			const image = { name: "localhost/trial/app:7", arch: "amd64", command: ["sh", "-c", "echo seven; sleep 9999"] };
			await writeDockerArchive(file, [{ ...image, layers: [layer] }], 0);

			// kubelet would clear the disk up; it is not asked while this one is full.
			await kube.lab.root(
				"n4",
				`systemctl stop clusteros-agent k3s-agent
fallocate -l "$(($(df --output=avail -B1 / | tail -n 1) - 1000000))" /fill`,
			);
			try {
				await expect(mustClusteros("image", "import", kube.lab.dir, file)).rejects.toThrow(
					/n4\b[^\n]*not enough space in \/var\/lib\/rancher\/k3s\/agent/,
				);
			} finally {
				await kube.lab.root("n4", "rm -f /fill; systemctl start clusteros-agent");
			}
			await kube.apply(once(SPACE, "imported", "n3", { image: "localhost/trial/app:7" }));
			await kube.lab.until("a pod of the imported image", "n3", 60, async () => {
				return (await kube.ctl(["logs", `--namespace=${SPACE}`, "imported"])).trim() === "seven";
			});
			await kube.untilReady(NODES);
			await kube.lab.ready(["n4"]);
			await mustClusteros("image", "import", kube.lab.dir, file);
		} finally {
			await rm(room, { recursive: true, force: true });
		}
	});
});
