import { type Problem, ToolError, UserError } from "../../core/errors.ts";

/** apt's own words (2.6 of Debian 12 to 3.0 of Debian 13), turned into what a person can do about them. */

interface Rule {
	readonly pattern: RegExp;
	readonly say: (found: RegExpExecArray) => string;
	readonly fix: string;
	/** Whether the same question may well have another answer a moment later. */
	readonly passing?: boolean;
}

/** What there is besides this mirror and this distribution. */
export const ELSEWHERE = "another mirror: --mirror URL; another distribution: --base debian-13, ubuntu-24.04 or auto";
const TRUST =
	"use a mirror that serves the distribution's own signed files; for an archive of your own give its key: [[apt.sources]] key, or apt.keyring in a base file";

/** In the order in which they are asked: what is said of signatures goes before what follows from it. */
const RULES: readonly Rule[] = [
	{
		pattern: /(?:NO_PUBKEY|Missing key) ([0-9A-F]+)/,
		say: ([, key]) => `the archive is signed with a key that we do not trust (${key})`,
		fix: TRUST,
	},
	{
		pattern: /BADSIG (\w+)|Message has been manipulated|NODATA|signatures were invalid/,
		say: ([, key]) =>
			`the archive's signature does not fit what it signs${key ? ` (key ${key})` : ""}: it was changed on its way`,
		fix: ELSEWHERE,
	},
	{
		pattern: /^E: The repository '([^']*)' is not signed/m,
		say: ([, repository]) => `${repository} is not signed, and nothing is ever taken unsigned`,
		fix: TRUST,
	},
	{
		pattern: /^E: The repository '(\S+) (\S+) Release' does not have a Release file/m,
		say: ([, uri, suite]) => `${uri} has no suite ${suite} (404)`,
		fix: `${ELSEWHERE}; an archive that lies elsewhere: --mirror NAME=URL, such as security=URL`,
	},
	{
		pattern: /^E: Failed to fetch (\S+)\s+(?:Hash Sum mismatch|File has unexpected size)/m,
		say: ([, uri]) => `what the archive sent is not what its signed index promises (hash mismatch): ${withoutHash(uri!)}`,
		fix: `nothing of it was kept; a mirror that is being updated mends itself in minutes; ${ELSEWHERE}`,
	},
	{
		pattern: /^E: Failed to fetch (\S+)\s+404\b/m,
		say: ([, uri]) => `the archive does not have a file that its index names (404): ${uri}`,
		fix: `the newest index: --refresh; ${ELSEWHERE}`,
	},
	{
		pattern: /^E: Failed to fetch (\S+)\s+([45]\d\d)\b *([^[\n]*)/m,
		say: ([, uri, code, words]) => `the archive refuses (${code} ${words!.trim()}): ${uri}`,
		fix: ELSEWHERE,
	},
	{
		pattern: /^E: (Release file for \S+ is (?:not valid yet|expired)[^\n]*)/m,
		say: ([, words]) => `the archive's index is out of its time, or this machine's clock is wrong: ${words}`,
		fix: "check the clock; for an old snapshot set Acquire::Check-Valid-Until false in this machine's apt configuration",
	},
	{
		pattern: /Could not resolve '([^']*)'|Temporary failure resolving '([^']*)'/,
		say: ([, name, other]) => `the name ${name ?? other} cannot be resolved`,
		fix: ELSEWHERE,
		passing: true,
	},
	{
		pattern:
			/(Could not connect to|Unable to connect to|Cannot initiate the connection to|Connection (?:timed out|refused|failed|reset)|Error reading from server|Undetermined Error|timed out)[^\n]*/,
		say: ([words]) => `the archive does not answer, or not to the end: ${words}`,
		fix: ELSEWHERE,
		passing: true,
	},
	{
		pattern: /No space left on device/,
		say: () => "the disk is full",
		fix: "free some space (`clusteros cache prune`), or put the cache elsewhere with --cache-dir DIR",
	},
];

/** An index is asked for by its digest, which says nothing to a person. */
function withoutHash(uri: string): string {
	return uri.replace(/\/by-hash\/.*$/, "/Packages");
}

function ruleFor(error: unknown, output: string): { rule: Rule; found: RegExpExecArray } | undefined {
	if (!(error instanceof ToolError)) return undefined;
	const text = `${output}\n${error.failure.tail.join("\n")}`;
	for (const rule of RULES) {
		const found = rule.pattern.exec(text);
		if (found) return { rule, found };
	}
	return undefined;
}

/** Whether a failure of apt may pass by itself: a connection, never a signature or a digest. */
export function isPassing(error: unknown, output: string): boolean {
	return ruleFor(error, output)?.rule.passing === true;
}

/**
 * The UserError for a failure of apt, or the failure itself when its words are not known.
 * `tried` are the addresses in use, for the message.
 */
export function explainAptFailure(error: unknown, output: string, tried: readonly string[]): unknown {
	const known = ruleFor(error, output);
	if (!known) return error;
	const { rule, found } = known;
	const message = `${(error as ToolError).failure.doing}: ${rule.say(found)}; tried ${[...new Set(tried)].join(", ")}`;
	return new UserError("failed", { message, fix: rule.fix });
}

/**
 * Why a set of packages cannot be installed together, from all that apt's solver printed: one problem a package, at the
 * profile's line where it asked for it.
 */
export function unsolvable(error: unknown, output: string, whereOf: (name: string) => Pick<Problem, "where" | "path">): unknown {
	if (!(error instanceof ToolError)) return error;
	const [, listed] = /have unmet dependencies:\n((?: .*\n?)+)/.exec(output) ?? [];
	if (!listed) return error;
	// A further reason of the same package is a line that starts with the colon's column.
	const reasons = [...listed.matchAll(/^ (\S+) : (.*(?:\n {4,}.*)*)/gm)];
	return new UserError(
		"invalid",
		reasons.map(([, name, why]) => ({
			message: `${name} cannot be installed with the rest: ${why!.replaceAll(/\n\s+/g, "; ")}`,
			...whereOf(name!.replace(/:\w+$/, "")),
			fix: "take one of the packages named out, or add the apt source that has what is missing",
		})),
	);
}
