import { load } from "js-yaml";
import type { Rule } from "./rule.ts";

/** What the site brings along. */
export const siteRules: readonly Rule[] = [
	{
		name: "time servers are names or addresses",
		*check({ cluster }) {
			for (const [index, server] of cluster.ntp.entries()) {
				if (/^[A-Za-z0-9][A-Za-z0-9.:-]*$/.test(server)) continue;
				yield {
					at: ["ntp", index],
					message: `"${server}" is neither a host name nor an address`,
					fix: 'such as "ntp.example.org"',
				};
			}
		},
	},
	{
		name: "the site's cloud-config is YAML with keys",
		*check({ cluster }) {
			const text = cluster.cloud_init.user_data;
			// Scripts and templates are cloud-init's own business.
			if (text.trim() === "" || /^(#!|## template:)/.test(text)) return;
			const message = yamlProblem(text);
			if (message === undefined) return;
			yield { at: ["cloud_init", "user_data"], message, fix: "see https://cloudinit.readthedocs.io for what it may hold" };
		},
	},
];

function yamlProblem(text: string): string | undefined {
	try {
		const value = load(text);
		const isTable = typeof value === "object" && value !== null && !Array.isArray(value);
		return isTable ? undefined : "cloud-config is keys and values, such as: timezone: Europe/Berlin";
	} catch (error) {
		return `this is not YAML: ${(error as Error).message.split("\n")[0]}`;
	}
}
