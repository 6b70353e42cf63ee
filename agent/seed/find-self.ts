import { readdirSync } from "node:fs";
import type { SeedCluster, SeedNode, SeedSecrets } from "../../core/contract/seed.ts";
import { identityKeyOf, rawPublicKey } from "../../core/node/keys.ts";
import { findEntry } from "../../core/node/members.ts";
import { ignoreMissing } from "../atomic-file.ts";
import { readText } from "../files.ts";
import { HOST_NAME, NETWORK_CLASS, SERIAL_NUMBER } from "../paths.ts";
import type { World } from "../world.ts";

/** This machine's entry in the description of the cluster; undefined for an unknown one. @throws when `self` names none. */
export function findSelf(world: World, cluster: SeedCluster): SeedNode | undefined {
	const serial = readText(world, SERIAL_NUMBER);
	const hostname = readText(world, HOST_NAME)?.trim() ?? "";
	const entry = findEntry(cluster, { macs: macsOf(world), serial, hostname });
	if (cluster.self !== undefined && entry === undefined) {
		throw new Error(`the seed is for ${cluster.self}, which it does not describe; make it anew: clusteros seed`);
	}
	return entry;
}

function macsOf(world: World): string[] {
	const names = ignoreMissing(() => readdirSync(world.root + NETWORK_CLASS)) ?? [];
	const macs = names.map((name) => readText(world, `${NETWORK_CLASS}/${name}/address`)?.trim());
	return macs.filter((mac): mac is string => mac !== undefined && mac !== "" && mac !== "00:00:00:00:00:00");
}

/**
 * The identity that the seed holds for this node; undefined where it makes its own. A seed for the whole cluster carries a
 * controller's identity to everybody: only that controller takes it.
 * @throws when this node is a controller and the seed has no identity for it.
 */
export function seededIdentity({ name, roles }: SeedNode, cluster: SeedCluster, secrets: SeedSecrets): string | undefined {
	const listed = cluster.controllers.find((one) => one.name === name);
	const given = secrets.identity;
	if (given !== undefined && listed?.key === rawPublicKey(identityKeyOf(given)).toString("base64")) return given;
	if (!roles.includes("controller")) return undefined;
	throw new Error(
		`${name} is a controller, and this seed has no identity of a controller ${name}: it is a worker's; ` +
			`make one for it: clusteros seed --node ${name}`,
	);
}
