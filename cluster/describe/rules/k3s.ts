import { basename, isAbsolute, normalize } from "node:path";
import { loadAll } from "js-yaml";
import type { Rule } from "./rule.ts";
import { twice } from "./twice.ts";

const NAME = /^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const PREFIX = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
/** What a node may say of itself with Kubernetes' own words: kubelet does not start with others (v1.36, IsKubeletLabel). */
const OWN = /^(([a-z0-9.-]+\.)?(kubelet|node)\.kubernetes\.io\/.*|topology\.kubernetes\.io\/(region|zone))$/;
/** What k3s writes into the same folder (v1.36, manifests/). */
const TAKEN = /^(ccm|coredns|local-storage|rolebindings|runtimes|traefik)\.yaml$/;
/** Settings that only the agent can get right, or that would lead the node out of its cluster. */
const OURS = /^(server|token|token-file|agent-token|agent-token-file|node-name|node-ip|data-dir|cluster-init|cluster-reset)\+?$/;

/** What the site says to k3s. */
export const k3sRules: readonly Rule[] = [
	{
		name: "labels are Kubernetes'",
		*check({ cluster }) {
			for (const [index, { labels = {} }] of cluster.node.entries()) {
				for (const [key, value] of Object.entries(labels)) {
					const problem = labelProblem(key, value);
					if (problem === undefined) continue;
					yield {
						at: ["node", index, "labels", key],
						message: problem,
						fix: 'such as labels = { disk = "ssd", "example.org/rack" = "7" }',
					};
				}
			}
		},
	},
	{
		name: "the site's k3s settings are YAML with keys",
		*check({ cluster: { k3s } }) {
			for (const key of ["config", "registries"] as const) {
				const found = tableOf(k3s[key]);
				const fix = key === "config" ? "keys as in k3s' config.yaml: flags without their dashes" : "as in k3s' registries.yaml";
				if (typeof found === "string") yield { at: ["k3s", key], message: found, fix };
			}
		},
	},
	{
		name: "what the agent decides is not set by the site",
		*check({ cluster: { k3s } }) {
			const table = tableOf(k3s.config);
			for (const key of typeof table === "string" ? [] : Object.keys(table).filter((one) => OURS.test(one))) {
				const message = `"${key}" is the agent's to set: it follows from the cluster`;
				yield { at: ["k3s", "config"], message, fix: "leave it out" };
			}
		},
	},
	{
		name: "manifests are files beside cluster.toml that k3s takes",
		*check({ cluster: { k3s } }) {
			for (const [index, file] of k3s.manifests.entries()) {
				const problem = fileProblem(file);
				if (problem)
					yield {
						at: ["k3s", "manifests", index],
						message: `"${file}" ${problem}`,
						fix: 'such as manifests = ["apps/web.yaml"]',
					};
			}
		},
	},
	{
		name: "manifests have names of their own",
		check: ({ cluster: { k3s } }, place) =>
			twice(
				k3s.manifests.map((file, index) => ({ value: basename(file), at: ["k3s", "manifests", index] })),
				place,
				(name) => `a manifest called ${name}`,
				"they lie in one folder on the server: rename one",
			),
	},
	{
		name: "k3s leaves something to SLURM, and SLURM to k3s",
		*check({ cluster: { k3s } }) {
			for (const key of ["memory", "cpus"] as const) {
				const part = /^([\d.]+)%$/.exec(String(k3s[key]))?.[1];
				if (part === undefined || (Number(part) > 0 && Number(part) < 100)) continue;
				yield { at: ["k3s", key], message: `${k3s[key]} leaves nothing to one of the two`, fix: `such as ${key} = "50%"` };
			}
		},
	},
];

function labelProblem(key: string, value: string): string | undefined {
	const [prefix, name] = key.includes("/") ? [key.slice(0, key.indexOf("/")), key.slice(key.indexOf("/") + 1)] : [undefined, key];
	if (!NAME.test(name) || (prefix !== undefined && !PREFIX.test(prefix))) return `"${key}" cannot be a label`;
	if (value !== "" && !NAME.test(value)) return `"${value}" cannot be the value of a label`;
	if (prefix !== undefined && /(^|\.)(kubernetes|k8s)\.io$/.test(prefix) && !OWN.test(key))
		return `"${key}" is kept for Kubernetes itself`;
	return undefined;
}

function fileProblem(file: string): string | undefined {
	if (isAbsolute(file) || normalize(file).startsWith("..")) return "is not below the cluster's folder";
	if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.(yaml|yml|json)$/.test(basename(file))) return "is none of .yaml, .yml and .json";
	return TAKEN.test(basename(file)) ? "has the name of a file of k3s' own" : undefined;
}

/** The table in a text, which may be empty, or what is wrong with it. */
function tableOf(text: string): object | string {
	try {
		// k3s reads the first document alone.
		const [value, ...more] = loadAll(text);
		const isTable = value === undefined || value === null || (typeof value === "object" && !Array.isArray(value));
		return isTable && more.length === 0 ? (value ?? {}) : "this is no YAML of keys and values";
	} catch (error) {
		return `this is not YAML: ${(error as Error).message.split("\n")[0]}`;
	}
}
