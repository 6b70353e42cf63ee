/** Made of Debian's static busybox when the image was built: the nodes have no registry. */
const IMAGE = "localhost/clusteros/busybox:1";

/** On the pod's own address. */
export const PORT = 8080;

/** Marks the namespace of every test, so that what an earlier one has left behind is found, too. */
export const LABEL = "clusteros.test";

/** Name of the DaemonSet in its namespace. */
export const NAME = "pod";

/** Writes the name of its node where httpd shows it. */
const SCRIPT = `mkdir -p /www && echo "$NODE" > /www/name && exec httpd -f -p ${PORT} -h /www`;

/** A namespace of its own, and in it one pod a node, whatever is said against pods there. `kubectl apply` takes it as JSON. */
export function podManifest(namespace: string): object {
	const labels = { [LABEL]: "pod" };
	const container = {
		name: NAME,
		image: IMAGE,
		// One that is not there is said to be so at once.
		imagePullPolicy: "Never",
		command: ["sh", "-c", SCRIPT],
		env: [{ name: "NODE", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
		resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { memory: "32Mi" } },
	};
	const spec = {
		tolerations: [{ operator: "Exists" }],
		automountServiceAccountToken: false,
		enableServiceLinks: false,
		terminationGracePeriodSeconds: 1,
		containers: [container],
	};
	const daemonSet = {
		apiVersion: "apps/v1",
		kind: "DaemonSet",
		metadata: { name: NAME, namespace },
		spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
	};
	const home = { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace, labels: { [LABEL]: "k3s" } } };
	return { apiVersion: "v1", kind: "List", items: [home, daemonSet] };
}
