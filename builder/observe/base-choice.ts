import type { Base } from "../../core/contract/base.ts";
import { archiveAddresses } from "../apt/archives.ts";
import { hostSources } from "../apt/host.ts";
import { reach } from "../apt/reach.ts";
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
	/** What --mirror gave, when it is for this base: a mirror of the preferred one says nothing about the fallback. */
	readonly mirrors: readonly string[];
}

/** What `auto` takes when the profile's own base does not answer. */
const FALLBACK = "debian-13";
/** Seconds that the preferred archive gets to begin an answer: there is another one. */
const PATIENCE = 4;
/** An answer of `auto` holds this long (seconds): the same build an hour later must not wait for a dead archive again. */
const AUTO_HOLDS = 3600;

/** The base to build on. `auto` takes the profile's when its archive answers and Debian 13 otherwise. */
export async function chooseBase(spec: ChoiceSpec): Promise<Choice> {
	const { mirrors } = spec;
	const read = (ref: string) => readBase(ref, spec.baseDirs, { cwd: spec.cwd });
	if (spec.asked !== "auto") {
		const ref = spec.asked ?? spec.fromProfile;
		return { ...(await read(ref)), why: spec.asked === undefined ? "the profile's" : "asked for", mirrors };
	}
	const preferred = await read(spec.fromProfile);
	const failure = await whyNot(spec, preferred.base);
	if (failure === undefined) return { ...preferred, why: "auto: its archive answers", mirrors };
	const insist = `--base ${preferred.base.name} --mirror URL to insist`;
	const why = `${preferred.base.name}'s archive did not answer: ${failure}; ${insist}`;
	return { ...(await read(FALLBACK)), why, mirrors: [] };
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
	const { answers, reason } = await reach(addresses.get(pocket!.archive)!.uri, pocket!.suite, {
		patience: PATIENCE,
		signal: spec.signal,
	});
	return answers ? "" : reason;
}
