import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../../core/process/run.ts";
import { Living } from "../bad-luck/living.ts";
import { mustClusteros } from "../clusteros.ts";

/** The folder with a real k3s (docs/k3s.md), and why there is nothing to try without. */
export const K3S = process.env.CLUSTEROS_K3S;
export const without = K3S ? "" : " (skipped: no CLUSTEROS_K3S)";

/** Made when the image was built, of Debian's static busybox. */
export const IMAGE = "localhost/clusteros/busybox:1";

/** A pod, as much of it as is looked at. */
export interface Pod {
	readonly metadata: { readonly name: string; readonly uid: string };
	readonly spec: { readonly nodeName: string };
	readonly status: {
		readonly phase: string;
		readonly podIP: string;
		readonly containerStatuses?: readonly {
			readonly containerID: string;
			readonly restartCount: number;
			readonly state: { readonly terminated?: { readonly reason: string }; readonly waiting?: { readonly message?: string } };
		}[];
	};
}

/** A node, as much of it as is looked at. */
export interface KubeNode {
	readonly metadata: { readonly name: string };
	readonly status: {
		readonly conditions: readonly { readonly type: string; readonly status: string }[];
		readonly addresses: readonly { readonly type: string; readonly address: string }[];
	};
}

/** kubectl on this machine, with what `clusteros kubeconfig` prints: no word of it goes by ssh. */
export class Kube implements AsyncDisposable {
	readonly lab: Living;
	private readonly room: string;

	private constructor(lab: Living, room: string) {
		this.lab = lab;
		this.room = room;
	}

	static async open(dir: string): Promise<Kube> {
		const room = await mkdtemp(join(tmpdir(), "clusteros-kube-"));
		// Under this name k3s is kubectl, in both layouts.
		await symlink(join(K3S!, "k3s"), join(room, "kubectl"));
		const kube = new Kube(await Living.open(dir), room);
		await kube.signIn();
		return kube;
	}

	/** Takes the kubeconfig that the cluster has now. */
	async signIn(): Promise<void> {
		const { stdout } = await mustClusteros("kubeconfig", this.lab.dir);
		await writeFile(join(this.room, "config"), stdout, { mode: 0o600 });
	}

	/** What kubectl prints. @throws ToolError. */
	async ctl(argv: readonly string[], input?: string): Promise<string> {
		const own = [join(this.room, "kubectl"), "--kubeconfig", join(this.room, "config")];
		// A server that is about to go away may leave an answer for ever.
		const limit = `--request-timeout=${20 * this.lab.slow}s`;
		const options = { timeout: 60_000 * this.lab.slow, input, env: { ...process.env, K3S_DATA_DIR: this.room } };
		return (await run([...own, limit, ...argv], { doing: `kubectl ${argv[0]}`, ...options })).stdout;
	}

	async apply(...items: readonly object[]): Promise<void> {
		await this.ctl(["apply", "--filename=-"], JSON.stringify({ apiVersion: "v1", kind: "List", items }));
	}

	async pods(namespace: string): Promise<readonly Pod[]> {
		return JSON.parse(await this.ctl(["get", "pods", `--namespace=${namespace}`, "--output=json"])).items;
	}

	async nodes(): Promise<readonly KubeNode[]> {
		return JSON.parse(await this.ctl(["get", "nodes", "--output=json"])).items;
	}

	/** Names of the nodes to which Kubernetes would give pods, sorted. */
	async ready(): Promise<string> {
		const isReady = ({ status }: KubeNode) => status.conditions.some((one) => one.type === "Ready" && one.status === "True");
		const names = (await this.nodes()).filter(isReady).map(({ metadata }) => metadata.name);
		return names.toSorted().join();
	}

	/** Waits until exactly these nodes are Ready. */
	async untilReady(names: readonly string[], seconds = 120): Promise<void> {
		const expected = names.toSorted().join();
		await this.lab.until(`Kubernetes to have ${expected} ready`, "c1", seconds, async () => (await this.ready()) === expected);
	}

	/** Waits until a pod runs on each of these nodes; they by node. */
	async running(namespace: string, nodes: readonly string[], seconds = 60): Promise<ReadonlyMap<string, Pod>> {
		return this.lab.until(`pods of ${namespace} on ${nodes}`, "c1", seconds, async () => {
			const found = (await this.pods(namespace)).filter(({ status }) => status.phase === "Running");
			const byNode = new Map(found.map((pod) => [pod.spec.nodeName, pod]));
			return nodes.every((node) => byNode.has(node)) && byNode;
		});
	}

	/** A script of the node's own, as root, in the network of a pod that runs there; `$pid` is the pod's process. */
	async inPod(node: string, pod: Pod, script: string): Promise<string> {
		return this.lab.root(node, `${pidOf(pod)}\nnsenter --target "$pid" --net sh -ec '${script}'`);
	}

	/** How many bytes a pod on `node` gets of another one's /big, headers and all. */
	async fetched(node: string, from: Pod, { status }: Pod): Promise<number> {
		const get = `exec 3<>/dev/tcp/${status.podIP}/8080; printf "GET /big HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3`;
		return Number(await this.lab.root(node, `${pidOf(from)}\nnsenter --target "$pid" --net bash -c '${get}' | wc -c`));
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.room, { recursive: true, force: true });
	}
}

/** Shell words that set `$pid` to a process of a pod's container. */
export function pidOf({ status }: Pod): string {
	const id = status.containerStatuses![0]!.containerID.replace(/^.*\//, "");
	return `pid=$(grep -ls ${id} /proc/[0-9]*/cgroup | head -n 1 | cut -d/ -f3); [ -n "$pid" ]`;
}

/** A namespace, and in it one pod a node that serves a file of `bytes` zeros as /big on port 8080. */
export function everywhere(namespace: string, bytes: number): readonly object[] {
	const labels = { trial: namespace };
	const script = `mkdir -p /www && head -c ${bytes} /dev/zero > /www/big && exec httpd -f -p 8080 -h /www`;
	const spec = {
		tolerations: [{ operator: "Exists" }],
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		terminationGracePeriodSeconds: 1,
		containers: [{ name: "pod", image: IMAGE, imagePullPolicy: "Never", command: ["sh", "-c", script] }],
	};
	const template = { metadata: { labels }, spec };
	return [
		{ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } },
		{
			apiVersion: "apps/v1",
			kind: "DaemonSet",
			metadata: { name: "everywhere", namespace },
			spec: { selector: { matchLabels: labels }, template },
		},
	];
}

/** One pod on one node, held to its memory, that does not come back when it ends. */
export function once(namespace: string, name: string, node: string, options: Readonly<Record<string, unknown>>): object {
	const container = { name: "pod", image: IMAGE, imagePullPolicy: "Never", ...options };
	const spec = {
		nodeName: node,
		restartPolicy: "Never",
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		terminationGracePeriodSeconds: 1,
		containers: [container],
	};
	return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}
