import { access } from "node:fs/promises";
import type { ClusterState } from "../../core/contract/cluster-state.ts";
import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import { disksOfMachine } from "./files.ts";

/**
 * Machines of these names go on with the disks that they have. `shown` is the cluster's folder as typed. @throws UserError that
 * names each disk that is gone: making another one is for `up`.
 */
export async function mustHaveDisks(
	{ machines }: Pick<ClusterState, "machines">,
	names: readonly string[],
	shown: string,
): Promise<void> {
	const roots = machines.filter(({ name }) => names.includes(name)).map((machine) => disksOfMachine(machine).root);
	const there = await Promise.all(
		roots.map((root) =>
			access(root).then(
				() => true,
				() => false,
			),
		),
	);
	const gone = roots.filter((_, at) => !there[at]);
	const fix = `clusteros up ${quote(shown)}, which makes a new one; a node that was in the cluster has to be readmitted then`;
	if (gone.length > 0)
		throw new UserError(
			"failed",
			gone.map((root) => ({ message: `${root} is gone`, fix })),
		);
}
