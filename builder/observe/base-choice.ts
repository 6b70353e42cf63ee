import type { Base } from "../../core/contract/base.ts";
import { UserError } from "../../core/errors.ts";
import { archiveAddresses } from "../apt/archives.ts";
import { hostSources } from "../apt/host.ts";
import { PATIENCE, reach } from "../apt/reach.ts";
import { readBase } from "../profile/base.ts";
import type { Store } from "../store/store.ts";

export interface ChoiceSpec {
	/** `auto`, a name or a path; undefined takes the profile's. */
	readonly asked: string | undefined;
	readonly fromProfile: string;
	readonly baseDirs: readonly string[];
	readonly mirrors: readonly string[];
	readonly cwd: string;
	readonly store: Store;
	readonly refresh: boolean;
	readonly signal: AbortSignal;
}

export interface Choice {
	readonly base: Base;
	readonly file: string;
	/** Why this base, for the person. */
	readonly why: string;
}

/** What `auto` takes when the profile's own base does not answer. */
const FALLBACK = "debian-13";
/** An answer of `auto` holds this long (seconds): the same build an hour later must not wait for a dead archive again. */
const AUTO_HOLDS = 3600;

/** The base to build on. `auto` takes the profile's when its archive answers and Debian 13 otherwise. */
export async function chooseBase(spec: ChoiceSpec): Promise<Choice> {
	const read = (ref: string) => readBase(ref, spec.baseDirs, { cwd: spec.cwd });
	if (spec.asked !== "auto") {
		const ref = spec.asked ?? spec.fromProfile;
		return { ...(await read(ref)), why: spec.asked === undefined ? "the profile's" : "asked for" };
	}
	const preferred = await read(spec.fromProfile);
	const failure = await whyNot(spec, preferred.base);
	if (failure === undefined) return { ...preferred, why: "auto: its archive answers" };
	const insist = `--base ${preferred.base.name} --mirror URL to insist`;
	return { ...(await read(FALLBACK)), why: `${preferred.base.name}'s archive did not answer: ${failure}; ${insist}` };
}

/** Why the archive cannot be used, or undefined when it answers; kept for an hour. */
async function whyNot(spec: ChoiceSpec, base: Base): Promise<string | undefined> {
	const question = { base: base.name, mirrors: spec.mirrors, archives: base.apt.archives as never };
	const kept = spec.refresh ? undefined : await spec.store.recall<string>("archive answers", question, AUTO_HOLDS);
	const answer = kept?.value ?? (await spec.store.remember("archive answers", question, await tryArchive(spec, base))).value;
	return answer === "" ? undefined : answer;
}

async function tryArchive(spec: ChoiceSpec, base: Base): Promise<string> {
	const [pocket] = base.apt.pockets;
	const addresses = await archiveAddresses(base, spec.mirrors, hostSources(base.distribution, spec.store.memo));
	const { answers, reason } = await reach(addresses.get(pocket!.archive)!.uri, pocket!.suite, spec.signal);
	return answers ? "" : reason;
}

/**
 * A dead archive is found in seconds, before apt spends minutes on its own patience.
 * @throws UserError that says what was tried and what else there is.
 */
export async function mustAnswer(base: Base, uri: string, signal: AbortSignal): Promise<void> {
	const { answers, seconds, reason } = await reach(uri, base.apt.pockets[0]!.suite, signal);
	if (answers) return;
	throw new UserError("failed", {
		message: `${base.name}'s archive cannot be used: ${reason} (tried ${uri} for ${Math.min(seconds, PATIENCE).toFixed(1)} s)`,
		fix: "another mirror: --mirror URL; another distribution: --base debian-13 (or --base auto)",
	});
}
