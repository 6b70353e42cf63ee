import { type Answer, ask, saidBy } from "./ask.ts";
import type { Group } from "./check.ts";
import { expectThat, perNode, shownBy, verdictOf } from "./verdict.ts";

const JOURNAL = ["journalctl", "--boot", "--unit=clusteros-agent.service", "--output=cat", "--quiet", "--no-pager"];
/** A buffer smaller than a record gives EINVAL; nonblock: an empty log is an error, not a wait. */
const KMSG = ["dd", "if=/dev/kmsg", "bs=8192", "count=1", "iflag=nonblock", "status=none"];

/** The agent's records of this boot are in the journal, with node id and state, and a plain service can read the kernel's log. */
export const logs: Group = {
	name: "logs",
	checks: perNode("logs", async (node, suite) => {
		const seen = await ask(suite, node, {
			boot: ["cat", "/proc/sys/kernel/random/boot_id"],
			records: JOURNAL,
			kmsg: ["systemd-run", "--quiet", "--collect", "--wait", "--pipe", "--", ...KMSG],
		});
		const wanted = { name: node.name, state: "ready", boot: seen.boot.text.trim() };
		return verdictOf([
			...expectThat(
				records(seen.records).some((record) => isAbout(record, wanted)),
				{
					node: node.name,
					expected: `a record of this boot with node=(16 hex digits) ${fields(wanted)}`,
					seen: seen.records.text.trim().split("\n").slice(-5).join("\n") || "no record of this boot",
					command: shownBy(suite, node, JOURNAL, "root"),
				},
			),
			// `priority,sequence,microseconds,flags;text`, as the kernel's Documentation/ABI/testing/dev-kmsg has it.
			...expectThat(/^\d+,\d+,\d+,/.test(seen.kmsg.text), {
				node: node.name,
				expected: "/dev/kmsg can be read by a service",
				seen: saidBy(seen.kmsg),
				command: shownBy(suite, node, ["systemd-run", "--collect", "--wait", "--pipe", "--", ...KMSG], "root"),
			}),
		]);
	}),
};

type Record = ReadonlyMap<string, string>;

/** The agent's lines of `key=value`; values with spaces are JSON strings. */
function records({ text }: Answer): Record[] {
	const field = /(\w+)=("(?:[^"\\]|\\.)*"|\S*)/g;
	return text.split("\n").map((line) => new Map([...line.matchAll(field)].map(([, key, value]) => [key!, value!])));
}

function isAbout(record: Record, wanted: Readonly<{ [key: string]: string }>): boolean {
	const node = record.get("node") ?? "";
	return /^[0-9a-f]{16}$/.test(node) && Object.entries(wanted).every(([key, value]) => record.get(key) === value);
}

function fields(wanted: Readonly<{ [key: string]: string }>): string {
	return Object.entries(wanted)
		.map(([key, value]) => `${key}=${value}`)
		.join(" ");
}
