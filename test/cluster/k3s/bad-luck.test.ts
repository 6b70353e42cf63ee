import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { everywhere, K3S, Kube, type Pod, without } from "./kube.ts";

/** What befalls a cluster with k3s. n3 is cut off at the beginning and left alone for ten minutes, in which other nodes have their own. */

const NODES = ["c1", "n1", "n2", "n3", "n4"];
const OTHERS = NODES.filter((name) => name !== "n3");
const SPACE = "trial-luck";
/** Milliseconds by the wall: that is what the name of the test says. */
const CUT_OFF = 600_000;

describe.skipIf(!K3S)(`bad luck of a cluster with k3s${without}`, () => {
	let kube: Kube;
	let pods: ReadonlyMap<string, Pod>;
	let cutAt: number;

	beforeAll(async () => {
		kube = await Kube.open(inject("cluster"));
		await kube.lab.ready(NODES);
		await kube.apply(...everywhere(SPACE, 1));
		pods = await kube.running(SPACE, NODES, 120);
		await kube.lab.fault("n3", { kind: "cut" });
		cutAt = Date.now();
	});
	afterAll(async () => {
		await kube?.ctl(["delete", "namespace", SPACE, "--wait=false"]);
		await kube?.[Symbol.asyncDispose]();
	});

	const reason = async (node: string) => (await kube.lab.status(node)).reason ?? "";
	/** What tells a pod that went on from one that was made anew, or started again. */
	const lifeOf = ({ metadata, status }: Pod) => [metadata.uid, status.containerStatuses![0]!.containerID];

	it("/dev/kmsg is hidden by sandboxing of its unit: the node says that, and is ready again without", async () => {
		const dropIn = "/run/systemd/system/k3s-agent.service.d";
		await kube.lab.root(
			"n4",
			`mkdir -p ${dropIn}; printf '[Service]\\nProtectKernelLogs=yes\\n' > ${dropIn}/hide.conf
systemctl daemon-reload; systemctl restart --no-block k3s-agent`,
		);
		try {
			await kube.lab.until("n4 to say that /dev/kmsg is hidden", "n4", 60, async () =>
				/\/dev\/kmsg cannot be read .*sandboxing of its unit/.test(await reason("n4")),
			);
		} finally {
			await kube.lab.root("n4", `rm -r ${dropIn}; systemctl daemon-reload; systemctl restart --no-block k3s-agent`);
		}
		await kube.lab.until("n4 ready", "n4", 60, async () => (await kube.lab.status("n4")).state === "ready");
	});

	it("a token of another cluster: the node says so, and joins with its own again", async () => {
		const seed = "/etc/clusteros/secrets.json";
		await kube.lab.root(
			"n4",
			`systemctl stop clusteros-agent k3s-agent
cp -p ${seed} /root/seed.json
hash=$(sed -nE 's/.*"K10([0-9a-f]{64})::.*/\\1/p' ${seed} | head -n 1); [ -n "$hash" ]
sed -i "s/$hash/$(printf another | sha256sum | cut -d' ' -f1)/" ${seed}
rm -rf /var/lib/rancher/k3s/agent/*.kubeconfig /var/lib/rancher/k3s/agent/*.crt /var/lib/rancher/k3s/agent/*.key
systemctl start clusteros-agent`,
		);
		try {
			await kube.lab.until("n4 to say whose token it has", "n4", 60, async () =>
				/the server there is another cluster's/.test(await reason("n4")),
			);
		} finally {
			await kube.lab.root("n4", `mv /root/seed.json ${seed}; systemctl restart clusteros-agent`);
		}
		await kube.lab.until("n4 ready", "n4", 90, async () => (await kube.lab.status("n4")).state === "ready");
	});

	it("a clock an hour ahead: the node is ready again by itself, and its pod has gone on", async () => {
		await kube.lab.root("n2", `date -s "@$(($(date +%s) + 3600))"`);
		const off = async () => (await kube.lab.now("n2")) - (await kube.lab.now("c1"));
		await kube.lab.until("the clock of n2 to agree with c1's", "n2", 40, async () => Math.abs(await off()) < 5 * kube.lab.slow);
		await kube.lab.until("n2 ready", "n2", 60, async () => (await kube.lab.status("n2")).state === "ready");
		await kube.untilReady(OTHERS);
		expect(lifeOf((await kube.running(SPACE, ["n2"])).get("n2")!)).toEqual(lifeOf(pods.get("n2")!));
	});

	it("a node is cut off for ten minutes: its pod goes on there, and the node comes back by itself", async () => {
		await sleep(Math.max(0, cutAt + CUT_OFF - Date.now()));
		expect(await kube.ready()).toBe(OTHERS.join());
		await kube.lab.fault("n3", { kind: "heal" });
		await kube.untilReady(NODES);
		await kube.lab.ready(["n3"]);
		expect(lifeOf((await kube.running(SPACE, ["n3"])).get("n3")!)).toEqual(lifeOf(pods.get("n3")!));
	});

	it("a node is written anew under its old name: refused until it is readmitted, then it has pods again", async () => {
		await kube.lab.writtenAnew("n4", "c1");
		await kube.untilReady(NODES);
		// Its pod is told to be as it was until kubelet has made it anew.
		const before = lifeOf(pods.get("n4")!).join();
		await kube.lab.until("a container of the new installation", "n4", 120, async () => {
			return lifeOf((await kube.running(SPACE, ["n4"])).get("n4")!).join() !== before;
		});
		await kube.lab.ready(["n4"]);
	});

	it("the controller reboots: pods of the others go on, and it is back with all it knew", async () => {
		const boot = await kube.lab.root(
			"c1",
			"cat /proc/sys/kernel/random/boot_id; systemd-run --quiet --on-active=1 systemctl reboot",
		);
		await kube.lab.until("c1 rebooted", "c1", 60, async () => {
			return (await kube.lab.root("c1", "cat /proc/sys/kernel/random/boot_id")) !== boot;
		});
		await kube.untilReady(NODES, 180);
		const after = await kube.running(SPACE, NODES, 120);
		for (const node of ["n1", "n2", "n3"])
			expect([node, ...lifeOf(after.get(node)!)]).toEqual([node, ...lifeOf(pods.get(node)!)]);
		await kube.lab.ready(NODES);
	});

	it("the server's data are lost: the nodes join the new one by themselves; its state is brought back: all is there again", async () => {
		const server = "/var/lib/rancher/k3s/server";
		const stop = "systemctl stop clusteros-agent k3s-server";
		await kube.ctl(["create", "configmap", "mark", `--namespace=${SPACE}`, "--from-literal=kept=yes"]);
		await kube.lab.root(
			"c1",
			`${stop}; tar -C ${server} -cf /root/server.tar .; rm -rf ${server}; systemctl start clusteros-agent`,
		);
		// A new server has another authority for who may ask it.
		await kube.lab.until("the new server to be asked", "c1", 120, async () => {
			await kube.signIn();
			return kube.ready();
		});
		await kube.untilReady(NODES);
		expect(await kube.ctl(["get", "namespaces", "--output=name"])).not.toContain(SPACE);

		await kube.lab.root(
			"c1",
			`${stop}; rm -rf ${server}; mkdir -m 700 ${server}; tar -C ${server} -xpf /root/server.tar; rm /root/server.tar
systemctl start clusteros-agent`,
		);
		const kept = async () => kube.ctl(["get", "configmap", "mark", `--namespace=${SPACE}`, "--output=jsonpath={.data.kept}"]);
		await kube.lab.until("what was there before", "c1", 120, async () => {
			await kube.signIn();
			return (await kept()) === "yes";
		});
		await kube.untilReady(NODES);
		await kube.running(SPACE, NODES, 120);
		await kube.lab.ready(NODES);
	});
});
