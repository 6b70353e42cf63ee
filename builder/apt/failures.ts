import { type Problem, ToolError, UserError } from "../../core/errors.ts";

/** apt's own words, turned into what a person can do about them. */

interface Rule {
	readonly pattern: RegExp;
	readonly say: (found: RegExpExecArray) => string;
	readonly fix: string;
}

const OTHER_MIRROR = "try another mirror with --mirror URL, or another distribution with --base debian-13";

const RULES: readonly Rule[] = [
	{
		pattern:
			/NO_PUBKEY (\w+)|(?:repository|archive).*is not signed|The following signatures (?:were invalid|couldn't be verified).*|no public key/i,
		say: (found) => `the archive's signature is not one we trust${found[1] ? ` (key ${found[1]})` : ""}`,
		fix: "use a mirror that serves the distribution's own signed files, or add the site's key: [[apt.sources]] key, or apt.keyring in a base file",
	},
	{
		pattern: /Hash Sum mismatch|hash of the file.*mismatch|File has unexpected size/i,
		say: () => "what the archive sent is not what its signed index promises (hash mismatch)",
		fix: `nothing of it was kept; a mirror that is being updated mends itself in minutes, otherwise ${OTHER_MIRROR}`,
	},
	{
		pattern: /^(?:E|W|Err).*?\b404\b.*$/m,
		say: () => "the archive does not have a file that it should (404)",
		fix: `--refresh asks for the newest index; otherwise ${OTHER_MIRROR}`,
	},
	{
		pattern: /Release file.*is (?:not valid yet|expired)|Release.*expired/i,
		say: () => "the archive's index has expired, or this machine's clock is wrong",
		fix: "check the clock; for an old snapshot set Acquire::Check-Valid-Until false in this machine's apt configuration",
	},
	{
		pattern: /Could not resolve '([^']*)'|Temporary failure resolving '([^']*)'/,
		say: (found) => `the name ${found[1] ?? found[2]} cannot be resolved`,
		fix: OTHER_MIRROR,
	},
	{
		pattern:
			/(Could not connect to|Unable to connect to|Connection (?:timed out|refused|failed)|Connection reset|timed out|Cannot initiate the connection to)[^\n]*/,
		say: (found) => `the archive does not answer: ${found[0]}`,
		fix: OTHER_MIRROR,
	},
	{
		pattern: /No space left on device/,
		say: () => "the disk is full",
		fix: "free some space (`clusteros cache prune`), or put the cache elsewhere with --cache-dir DIR",
	},
];

/**
 * The UserError for a failure of apt, or the failure itself when its words are not known.
 * `tried` are the addresses in use, for the message.
 */
export function explainAptFailure(error: unknown, output: string, tried: readonly string[]): unknown {
	if (!(error instanceof ToolError)) return error;
	const text = `${output}\n${error.failure.tail.join("\n")}`;
	for (const { pattern, say, fix } of RULES) {
		const found = pattern.exec(text);
		if (!found) continue;
		const problem: Problem = { message: `${error.failure.doing}: ${say(found)}; tried ${tried.join(", ")}`, fix };
		return new UserError("failed", problem);
	}
	return error;
}

/** Why a set of packages cannot be installed together, from apt's solver. */
export function unsolvable(error: unknown, asked: readonly string[]): unknown {
	if (!(error instanceof ToolError)) return error;
	const lines = error.failure.tail.filter((line) =>
		/Depends:|Conflicts:|Breaks:|held broken|no installation candidate|but it is not/.test(line),
	);
	if (lines.length === 0) return error;
	return new UserError("invalid", {
		message: `these packages cannot be installed together (${asked.length} asked for):\n${lines.join("\n")}`,
		fix: "take out one of the packages named, or add the apt source that has what is missing",
	});
}
