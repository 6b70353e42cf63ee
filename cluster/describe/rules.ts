import type { Problem } from "../../core/errors.ts";
import { formatPath, type PathKey } from "../../core/toml/key-path.ts";
import type { Located } from "../../core/toml/toml-document.ts";
import type { Draft } from "./normalise.ts";
import { k3sRules } from "./rules/k3s.ts";
import { meshRules } from "./rules/mesh.ts";
import { nodeRules } from "./rules/nodes.ts";
import type { Rule } from "./rules/rule.ts";
import { siteRules } from "./rules/site.ts";
import { slurmRules } from "./rules/slurm.ts";
import { userRules } from "./rules/users.ts";

export const RULES: readonly Rule[] = [...nodeRules, ...meshRules, ...userRules, ...slurmRules, ...k3sRules, ...siteRules];

/** All that the rules have against a description. */
export function problemsIn(draft: Draft, document: Located): Problem[] {
	const place = (at: readonly PathKey[]) => {
		const { line } = document.where(at);
		return `line ${line}`;
	};
	return RULES.flatMap((rule) =>
		[...rule.check(draft, place)].map(({ at, message, fix }) => ({
			message,
			where: document.where(at),
			path: formatPath(at) || undefined,
			fix,
		})),
	);
}
