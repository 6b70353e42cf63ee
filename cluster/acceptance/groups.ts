import { UserError } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { auth } from "./auth.ts";
import type { Group } from "./check.ts";
import { config } from "./config.ts";
import { discovery } from "./discovery.ts";
import { identity } from "./identity.ts";
import { k3s } from "./k3s/k3s.ts";
import { logs } from "./logs.ts";
import { network } from "./network.ts";
import { slurm } from "./slurm/slurm.ts";
import { systemd } from "./systemd.ts";
import { wireguard } from "./wireguard.ts";

/** In the order in which they run: all that comes after `identity` shows that the cluster came back from its reboot. */
const GROUPS: readonly Group[] = [identity, wireguard, network, auth, config, logs, discovery, systemd, slurm, k3s];

/** The groups of these names in their own order; all when none is named. @throws UserError for names that are none. */
export function groupsNamed(names: readonly string[]): readonly Group[] {
	const known = GROUPS.map(({ name }) => name as string);
	const unknown = names.filter((name) => !known.includes(name));
	if (unknown.length > 0)
		throw new UserError(
			"usage",
			unknown.map((name) => problem(name, known)),
		);
	return names.length === 0 ? GROUPS : GROUPS.filter(({ name }) => names.includes(name));
}

function problem(name: string, known: readonly string[]) {
	return { message: `there is no group "${name}"`, fix: didYouMean(name, known) ?? `known: ${known.join(", ")}` };
}
