import { type Answer, ask } from "../ask.ts";
import { patience, type Suite, type Verdict } from "../check.ts";
import { expectThat, once, shownBy, verdictOf } from "../verdict.ts";

/** Where SLURM's daemons keep log files, where they keep any. */
const LOGS = "/var/log/slurm";

/**
 * What the predecessor's nodes died of: SLURM without systemd and D-Bus. The first letter is a set of its own, since sudo writes
 * our command line, with the pattern in it, into the journal that is searched.
 */
const NO_CGROUP = "[C]annot initialize cgroup directory for stepds";
const NO_DBUS = "[c]annot connect to dbus system daemon";

type Logs = ReadonlyMap<string, Readonly<Record<"journal" | "files", Answer>>>;

/** Two checks that share one search of all nodes: neither error is in any journal or log file. */
export function predecessorErrors(suite: Suite) {
	const search = once(() => searchAll(suite));
	return {
		noCgroupError: async () => verdictAbout(suite, NO_CGROUP, await search()),
		noDbusError: async () => verdictAbout(suite, NO_DBUS, await search()),
	};
}

async function searchAll(suite: Suite): Promise<Logs> {
	const both = `${NO_CGROUP}|${NO_DBUS}`;
	const questions = { journal: journal(both), files: ["grep", "-rhE", both, LOGS] };
	const timeout = patience(suite, 30);
	return new Map(
		await Promise.all(suite.nodes.map(async (node) => [node.name, await ask(suite, node, questions, { timeout })] as const)),
	);
}

function journal(pattern: string): string[] {
	return ["journalctl", "--quiet", "--no-pager", "--output=short-iso", "--case-sensitive=yes", `--grep=${pattern}`];
}

function verdictAbout(suite: Suite, pattern: string, logs: Logs): Verdict {
	const error = new RegExp(pattern);
	return verdictOf(
		suite.nodes.flatMap((node) => {
			const { journal: said, files } = logs.get(node.name)!;
			const lines = `${said.text}\n${files.text}`.split("\n").filter((line) => error.test(line));
			// 1: nothing found. A journal that cannot be searched has not been.
			const searched = said.code === 0 || said.code === 1;
			return expectThat(searched && lines.length === 0, {
				node: node.name,
				expected: `no line with "${pattern.replaceAll(/[[\]]/g, "")}"`,
				seen: searched ? lines.slice(0, 3).join("\n") : said.text,
				command: shownBy(suite, node, journal(pattern), "root"),
			});
		}),
	);
}
