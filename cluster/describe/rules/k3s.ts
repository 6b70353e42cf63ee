import { basename, isAbsolute, normalize } from "node:path";
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
		name: "what the agent decides is not set by the site",
		*check({ cluster: { k3s } }) {
			for (const key of topKeys(k3s.config).filter((one) => OURS.test(one))) {
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
				const [, number, unit] = /^([\d.]+)(\D*)$/.exec(String(k3s[key]))!;
				if (Number(number) > 0 && (unit !== "%" || Number(number) < 100)) continue;
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

/**
 * The keys that begin a line of YAML. The text is not parsed: it is taken verbatim, and k3s' parser (yaml.v2, v1.36) takes what
 * ours refuses, a key that is there twice for one. What a key holds is indented, so that none of it is taken for a key.
 */
function topKeys(text: string): string[] {
	return [...text.matchAll(/^(["']?)([A-Za-z][A-Za-z0-9-]*\+?)\1[ \t]*:(?=\s|$)/gm)].map(([, , key]) => key!);
}
