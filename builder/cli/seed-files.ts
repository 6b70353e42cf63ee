import { join } from "node:path";
import { renderSeed, type SeedFiles } from "../../cloud-init/seed.ts";
import { readSeedTemplates } from "../../cloud-init/templates.ts";
import { type SeedFor, type SeedOptions, seedFor } from "../../cluster/describe/seed.ts";
import type { Described } from "../../cluster/describe/types.ts";
import type { SecretsFile } from "../../core/contract/secrets.ts";
import { packageRoot } from "./root.ts";

export interface MachineSeed {
	readonly node: string;
	/** LAN addresses to ask for the others. */
	readonly meet: readonly string[];
	/** How many times longer than on metal things may take. */
	readonly slow: number;
	/** The NIC for ssh of a test cluster's machine; the LAN is on DHCP then. */
	readonly management?: { readonly mac: string; readonly nat: boolean } | undefined;
	/** MAC of a test cluster's LAN NIC. */
	readonly lanMac?: string | undefined;
	/** As `seedGeneration` says. */
	readonly generation: number;
}

/** The seed files of one machine. @throws UserError as `seedFor` does. */
export function seedFiles(described: Described, secrets: SecretsFile, machine: MachineSeed): SeedFiles {
	const { node, meet, slow, generation, management, lanMac } = machine;
	return seedFilesFor(described, secrets, { node }, { meet, slow, generation, nics: management && { management, lanMac } });
}

/** As {@link seedFiles}, for one node or many, with what cluster.toml says of their LAN. */
export function seedFilesFor(described: Described, secrets: SecretsFile, who: SeedFor, options: SeedOptions): SeedFiles {
	return renderSeed(seedFor(described, secrets, who, options), readSeedTemplates(join(packageRoot(), "cloud-init")));
}
