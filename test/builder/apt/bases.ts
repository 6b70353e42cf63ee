import { join } from "node:path";
import { type ArchiveSources, archiveAddresses } from "../../../builder/apt/archives.ts";
import type { Request } from "../../../builder/apt/solve.ts";
import { requestsOf } from "../../../builder/observe/packages.ts";
import { readBase } from "../../../builder/profile/base.ts";
import { readOverlay } from "../../../builder/profile/overlay.ts";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import type { Base } from "../../../core/contract/base.ts";
import type { ResolvedProfile } from "../../../core/contract/profile.ts";

const ROOT = join(import.meta.dirname, "../../..");

export const BASES = ["ubuntu-24.04", "debian-13"] as const;

/** A host without archives of its own, and an mmdebstrap whose defaults are examples. */
export const EXAMPLES: ArchiveSources = {
	host: async () => undefined,
	standard: async (suite) => `http://standard.example/${suite}`,
};

export async function shippedBase(name: string): Promise<Base> {
	return (await readBase(name, [join(ROOT, "profiles/bases")])).base;
}

/** A shipped profile with the overlays that it names. */
export async function shippedProfile(name: string, base: string, ...sets: string[]) {
	const dirs = { profileDirs: [join(ROOT, "profiles")], overlayDirs: [join(ROOT, "overlays")] };
	const resolved = await resolveProfile(name, { ...dirs, sets: [`base=${base}`, ...sets], cwd: ROOT });
	const named = resolved.profile.overlays.map(async (overlay) => ({ ...overlay, overlay: await readOverlay(overlay.dir) }));
	return { resolved, overlays: await Promise.all(named) };
}

/** What `slurm` asks for on a shipped base. */
export async function slurmRequests(base: Base): Promise<{ resolved: ResolvedProfile; requests: Request[] }> {
	const { resolved, overlays } = await shippedProfile("slurm", base.name);
	return { resolved, requests: requestsOf(resolved.profile, base, "amd64", overlays) };
}

export function addressesOf(base: Base, ...mirrors: string[]) {
	return archiveAddresses(base, mirrors, EXAMPLES);
}
