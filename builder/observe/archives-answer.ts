import type { Base } from "../../core/contract/base.ts";
import type { AptSource } from "../../core/contract/profile.ts";
import { type Problem, UserError } from "../../core/errors.ts";
import type { ArchiveAddress } from "../apt/archives.ts";
import { ELSEWHERE } from "../apt/failures.ts";
import { reach } from "../apt/reach.ts";

/** Seconds that an archive which was asked for gets to begin an answer. */
const PATIENCE = 8;

interface Asked {
	/** For the message: "ubuntu-24.04's security archive". */
	readonly what: string;
	readonly uri: string;
	readonly suite: string;
	readonly fix: string;
}

/**
 * Asks every archive for one of its suites, all at once: a dead one is found in seconds, before apt spends minutes on its
 * own patience. One that answers without having the suite is left to apt, which says more about it.
 * @throws UserError that says what was tried and what else there is.
 */
export async function mustAnswer(
	base: Base,
	addresses: ReadonlyMap<string, ArchiveAddress>,
	extra: readonly AptSource[],
	signal: AbortSignal,
): Promise<void> {
	const asked = [...ofBase(base, addresses), ...extra.flatMap(ofSource)].filter(({ uri }) => /^https?:/.test(uri));
	const problems = await Promise.all(asked.map((one) => problemOf(one, signal)));
	const found = problems.filter((problem) => problem !== undefined);
	if (found.length > 0) throw new UserError("failed", found);
}

async function problemOf({ what, uri, suite, fix }: Asked, signal: AbortSignal): Promise<Problem | undefined> {
	const { answers, refuses, seconds, reason } = await reach(uri, suite, { patience: PATIENCE, signal });
	if (answers || refuses) return undefined;
	return { message: `${what} cannot be used: ${reason} (tried ${uri} for ${seconds.toFixed(1)} s)`, fix };
}

/** One suite of each address: archives that are served together are asked once. */
function ofBase(base: Base, addresses: ReadonlyMap<string, ArchiveAddress>): Asked[] {
	const first = new Map<string, Asked>();
	for (const { archive, suite } of base.apt.pockets) {
		const { uri } = addresses.get(archive)!;
		const isMain = archive === "archive";
		const what = isMain ? `${base.name}'s archive` : `${base.name}'s ${archive} archive`;
		const fix = isMain ? ELSEWHERE : ELSEWHERE.replace("--mirror URL", `--mirror ${archive}=URL`);
		if (!first.has(uri)) first.set(uri, { what, uri, suite, fix });
	}
	return [...first.values()];
}

function ofSource({ name, uris, suites }: AptSource): Asked[] {
	const fix = "correct its uris, or take the source out of the profile";
	return uris.map((uri) => ({ what: `apt source "${name}"`, uri: uri.replace(/\/+$/, ""), suite: suites[0]!, fix }));
}
