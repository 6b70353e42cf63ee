import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import type { Group, Suite } from "../../cluster/acceptance/check.ts";
import { groupsNamed } from "../../cluster/acceptance/groups.ts";
import { runSuite } from "../../cluster/acceptance/run-suite.ts";
import { openSuite } from "../../cluster/acceptance/suite.ts";
import { openReach } from "../../cluster/reach/open.ts";
import type { Reached } from "../../cluster/reach/types.ts";
import { poll } from "../../core/deadline.ts";

/** On the living cluster: something is broken as it breaks in life, the check has to see it, and it is mended again. */

let reached: Reached;
let suite: Suite;

beforeAll(async () => {
	const dir = inject("cluster");
	reached = await openReach(dir);
	suite = await openSuite(reached, { dir, reboot: false, signal: new AbortController().signal });
});
afterAll(() => reached?.close());

/** One script on a node, as root. */
const root = (node: string, script: string) =>
	reached.link(node).run(["sh", "-ec", script], { as: "root", timeout: 60_000 * reached.slow });

/** Names of the checks that fail; of a group that goes in turn only those of `names` are made, since each takes its time. */
async function failing(group: string, names: readonly string[]): Promise<string[]> {
	const only = (one: Group): Group =>
		one.inTurn ? { ...one, checks: (of) => one.checks(of).filter(({ name }) => names.includes(name)) } : one;
	const results = await runSuite(suite, groupsNamed([group]).map(only), {});
	return results.filter(({ verdict }) => verdict.status === "failed").map(({ name }) => name);
}

/** Waits until nothing fails any more; returns what still does. */
async function mended(group: string, names: readonly string[]): Promise<string[]> {
	let left: string[] = [];
	const look = async () => {
		left = await failing(group, names);
		return left.length === 0 ? true : undefined;
	};
	await poll(look, { timeout: 20_000 * suite.slow, every: 500 });
	return left;
}

/** What is broken, on which node, by what, how it is mended, and the checks that have to see it. The agent would mend some of it itself. */
const BREAKS: readonly {
	readonly what: string;
	readonly group: string;
	readonly node: string;
	readonly break: string;
	readonly mend: string;
	readonly seenBy: readonly string[];
	/** Whose checks may fail as well. */
	readonly alsoBy?: readonly string[];
}[] = [
	{
		what: "a WireGuard peer is removed",
		group: "wireguard",
		node: "n1",
		break: `systemctl stop clusteros-agent; wg show wg0 allowed-ips | awk '$2 == "'"$(getent hosts n2 | cut -d" " -f1)"'/32" {print $1}' | xargs -I{} wg set wg0 peer {} remove`,
		mend: "systemctl start clusteros-agent",
		seenBy: ["n1"],
		alsoBy: ["n2"],
	},
	{
		what: "a line of /etc/hosts is removed",
		group: "network",
		node: "n1",
		break: "systemctl stop clusteros-agent; sed -i '/ n3$/d' /etc/hosts",
		mend: "systemctl start clusteros-agent",
		seenBy: ["n1"],
	},
	{
		what: "munge has another key",
		group: "auth",
		node: "n2",
		break:
			"systemctl stop clusteros-agent; cp -p /etc/munge/munge.key /root/munge.key; head -c 1024 /dev/urandom > /etc/munge/munge.key; systemctl restart munge",
		mend: "cp -p /root/munge.key /etc/munge/munge.key; rm /root/munge.key; systemctl restart munge; systemctl start clusteros-agent slurmd",
		seenBy: ["n1", "n2"],
	},
	{
		what: "a file of the agent's is edited",
		group: "config",
		node: "n3",
		break: "systemctl stop clusteros-agent; echo '# edited' >> /etc/default/slurmd",
		mend: "systemctl start clusteros-agent",
		seenBy: ["n3"],
	},
	{
		what: "the configuration that a node was served is edited",
		group: "config",
		node: "n3",
		// A slurmd that has just been started is still being served.
		break:
			"until cp -pL /run/slurm/conf/cgroup.conf /root/cgroup.conf; do sleep 1; done; echo '# edited' >> /run/slurm/conf/cgroup.conf",
		mend: "cat /root/cgroup.conf > /run/slurm/conf/cgroup.conf; rm /root/cgroup.conf",
		seenBy: ["n3"],
	},
	{
		what: "services may not read the kernel's log",
		group: "logs",
		node: "n4",
		break:
			"mkdir -p /run/systemd/system/service.d; printf '[Service]\\nProtectKernelLogs=yes\\n' > /run/systemd/system/service.d/closed.conf; systemctl daemon-reload",
		mend: "rm /run/systemd/system/service.d/closed.conf; rmdir /run/systemd/system/service.d; systemctl daemon-reload",
		seenBy: ["n4"],
	},
	{
		what: "a key file is open to others",
		group: "identity",
		node: "n1",
		break: "chmod 640 /var/lib/clusteros/wireguard.key",
		mend: "chmod 600 /var/lib/clusteros/wireguard.key",
		seenBy: ["n1"],
	},
	{
		what: "Serf is stopped",
		group: "discovery",
		node: "n2",
		break: "systemctl stop clusteros-agent clusteros-serf",
		mend: "systemctl start clusteros-serf clusteros-agent",
		seenBy: ["n2"],
		alsoBy: ["c1", "n1", "n3", "n4"],
	},
	{
		what: "a unit fails",
		group: "systemd",
		node: "n4",
		break: "systemd-run --quiet --wait --unit=broken false || true",
		mend: "systemctl reset-failed broken",
		seenBy: ["n4"],
	},
	{
		what: "a node is drained",
		group: "slurm",
		node: "c1",
		break: "scontrol update nodename=n3 state=drain reason=test",
		mend: "scontrol update nodename=n3 state=resume",
		seenBy: ["sinfo: 5 idle"],
	},
	{
		what: "one of the old errors stands in a log file",
		group: "slurm",
		node: "n1",
		// In two parts: sudo writes the command itself to the journal.
		break: "mkdir -p /var/log/slurm; printf 'error: cannot connect %s\\n' 'to dbus system daemon' > /var/log/slurm/test.log",
		mend: "rm /var/log/slurm/test.log",
		seenBy: ['no "cannot connect to dbus system daemon"'],
	},
];

describe("seen by its check, and gone once it is mended", () => {
	it.each(BREAKS.map((row) => [row.what, row] as const))("%s", async (_what, row) => {
		const { group, node, break: script, mend, seenBy, alsoBy = [] } = row;
		await root(node, script);
		try {
			const found = await failing(group, seenBy);
			expect(found).toEqual(expect.arrayContaining([...seenBy]));
			expect([...seenBy, ...alsoBy]).toEqual(expect.arrayContaining(found));
		} finally {
			await root(node, mend);
		}
		expect(await mended(group, seenBy)).toEqual([]);
	});
});
