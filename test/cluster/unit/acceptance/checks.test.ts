import { describe, expect, it } from "vitest";
import type { Complaint } from "../../../../cluster/acceptance/check.ts";
import { groupsNamed } from "../../../../cluster/acceptance/groups.ts";
import { totalsOf } from "../../../../cluster/acceptance/report/summary.ts";
import { type Result, runSuite } from "../../../../cluster/acceptance/run-suite.ts";
import type { FakeOptions, Rule, Said } from "./fake-cluster.ts";
import { healthyHybrid, healthySuite } from "./healthy.ts";

async function run(groups: readonly string[], first: readonly Rule[] = [], options: FakeOptions = {}): Promise<Result[]> {
	return runSuite(healthySuite(first, options), groupsNamed(groups), {});
}

/** The complaints of a run, by check. */
function complaints(results: readonly Result[]): Record<string, readonly Complaint[]> {
	const failed = results.flatMap(({ group, name, verdict }) =>
		verdict.status === "failed" ? [[`${group} ${name}`, verdict.complaints] as const] : [],
	);
	return Object.fromEntries(failed);
}

/** On one node (or `*` for all) a command that matches says something else. */
function says(node: string, pattern: RegExp, said: Said | ((command: string) => Said)): Rule {
	return (command, on) => {
		if ((node !== "*" && node !== on) || !pattern.test(command)) return undefined;
		return typeof said === "function" ? said(command) : said;
	};
}

describe("a healthy cluster of five", () => {
	it("passes 51 checks and skips those of k3s", async () => {
		const results = await run([]);
		expect(complaints(results)).toEqual({});
		expect(totalsOf(results)).toEqual({ passed: 51, failed: 0, skipped: 5 });
	});

	it("has a count for every other number of nodes", async () => {
		const one = healthySuite([], { nodes: ["c1"] });
		const names = groupsNamed([]).flatMap((group) => group.checks(one).map(({ name }) => `${group.name} ${name}`));
		expect(names).toHaveLength(9 + 11);
		expect(new Set(names).size).toBe(names.length);
	});
});

/** What is broken, on which node, and the check that has to notice, with a word of its complaint. */
const BREAKS: readonly (readonly [what: string, rule: Rule, check: string, seen: RegExp])[] = [
	["wg0 is down", says("n1", /^ip link show up/, ""), "wireguard n1", /nothing/],
	["a peer is gone", says("n2", /^wg show wg0 allowed-ips/, "key\t10.90.0.1/32\n"), "wireguard n2", /10\.90\.0\.1\/32/],
	["no handshake yet", says("n1", /latest-handshakes/, ""), "wireguard n1", /none so far/],
	["handshakes are old", says("n1", /^date/, "1795381200\n"), "wireguard n1", /^351 s ago/],
	["the clock went backwards", says("n1", /^date/, "1795377312\n"), "wireguard n1", /^-3537 s ago/],
	["keepalive is off", says("c1", /persistent-keepalive/, ""), "wireguard c1", /none/],
	[
		"an address does not answer",
		says("n3", /^ping .* 10\.90\.0\.2$/, { text: "1 packets transmitted, 0 received", code: 1 }),
		"network n3",
		/0 received/,
	],
	[
		"a name is not known",
		says("c1", /^ping .* n4$/, { text: "ping: n4: Temporary failure in name resolution", code: 2 }),
		"network c1",
		/Temporary failure/,
	],
	[
		"a name leads elsewhere",
		says("c1", /^ping .* n4$/, "PING n4 (127.0.1.1) 56(84) bytes of data.\n"),
		"network c1",
		/127\.0\.1\.1/,
	],
	[
		"munged is down",
		says("n2", /^munge -n/, { text: "munge: Error: Failed to access socket", code: 6 }),
		"auth n2",
		/Failed to access/,
	],
	[
		"munge has another key",
		says("n2", /unmunge/, { text: "unmunge: Error: Invalid credential\n", code: 14 }),
		"auth n1",
		/Invalid credential/,
	],
	["munge takes any credential", says("n2", /unmunge/, "STATUS:          Success (0)\n"), "auth n1", /Success/],
	[
		"SLURM runs on another configuration",
		says("n1", /^scontrol show config/, "HASH_VAL                = Different Ours=0x1 Slurmctld=0x2\n"),
		"config n1",
		/Different/,
	],
	[
		"slurmctld does not answer",
		says("n1", /^scontrol show config/, { text: "slurm_load_ctl_conf error: Unable to contact slurm controller", code: 1 }),
		"config n1",
		/Unable to contact/,
	],
	[
		"a served file is another",
		says("n3", /^sha256sum \/run\/slurm/, (command) => `${"0".repeat(64)}  ${command.split(" ")[1]}\n`),
		"config n3",
		/slurm\.conf: another digest, cgroup\.conf: missing/,
	],
	[
		"a file of the agent's was edited",
		says("n1", /^cat \/etc\/default\/slurmd/, "SLURMD_OPTIONS=\n"),
		"config n1",
		/line 1 is "SLURMD_OPTIONS="/,
	],
	[
		"a file of the agent's has other rights",
		says("n1", /^stat .*\/etc\/default\/slurmd/, "666 root:root\n"),
		"config n1",
		/^666 root:root/,
	],
	[
		"a file of the agent's is gone",
		says("n1", /\/etc\/default\/slurmd/, { text: "No such file or directory", code: 1 }),
		"config n1",
		/No such file/,
	],
	[
		"a name is missing in /etc/hosts",
		says("n1", /^cat \/etc\/hosts/, "127.0.0.1 localhost\n10.90.0.1 c1\n"),
		"config n1",
		/no line "10\.90\.0\.2 n1"/,
	],
	["the agent's records are of another boot", says("n1", /boot_id/, "another\n"), "logs n1", /state=ready/],
	[
		"the agent never got ready",
		says("n1", /^journalctl --boot --unit/, "node=0123456789abcdef name=n1 state=mesh boot=x\n"),
		"logs n1",
		/state=mesh/,
	],
	[
		"the agent's records lack the node id",
		says("n1", /^journalctl --boot --unit/, "name=n1 state=ready boot=3b1c6d2e-0c54-4a55-9b0e-7a8d2b6f7c11\n"),
		"logs n1",
		/name=n1/,
	],
	["the journal has no record", says("n1", /^journalctl --boot --unit/, ""), "logs n1", /no record/],
	[
		"/dev/kmsg is closed",
		says("n1", /^systemd-run/, { text: "dd: failed to open '/dev/kmsg': Operation not permitted", code: 1 }),
		"logs n1",
		/not permitted/,
	],
	[
		"two nodes have one id",
		says("*", /^cat \/run\/clusteros\/status/, '{"node": "0123456789abcdef"}'),
		"identity n1",
		/as c1 n2 n3 n4/,
	],
	[
		"two nodes have one key",
		says("*", /^sha256sum \/var/, `${"0".repeat(64)}  /var/lib/clusteros/wireguard.key\n`),
		"identity n1",
		/the same as on c1/,
	],
	[
		"a key file is open to others",
		says(
			"n1",
			/^stat -c %a %U %n \/var/,
			"644 root /var/lib/clusteros/identity.key\n600 root /var/lib/clusteros/wireguard.key\n",
		),
		"identity n1",
		/644 root/,
	],
	[
		"a key file is another user's",
		says("n1", /^stat -c %a %U %n \/var/, "600 ada /var/lib/clusteros/identity.key\n600 root /var/lib/clusteros/wireguard.key\n"),
		"identity n1",
		/600 ada/,
	],
	[
		"a key file is gone",
		says("n1", /^stat -c %a %U %n \/var/, "600 root /var/lib/clusteros/wireguard.key\n"),
		"identity n1",
		/no such file/,
	],
	["a member is not alive", says("n1", /serf members/, '{"members":[{"name":"c1.0123abcd"}]}'), "discovery n1", /^1: c1/],
	[
		"Serf is down",
		says("n1", /serf members/, { text: "Error connecting to Serf agent: connection refused", code: 1 }),
		"discovery n1",
		/connection refused/,
	],
	[
		"a unit has failed",
		says("n1", /^systemctl (is-system|--failed)/, (command) =>
			command.includes("failed") ? "fstrim.service loaded failed failed" : { text: "degraded\n", code: 1 },
		),
		"systemd n1",
		/degraded\nfstrim\.service/,
	],
	["a node is down", says("c1", /^sinfo/, "c1 idle\nn1 idle\nn2 down*\nn3 idle\nn4 idle\n"), "slurm sinfo: 5 idle", /n2 down\*/],
	["a node is not listed", says("c1", /^sinfo/, "c1 idle\nn1 idle\nn2 idle\nn3 idle\n"), "slurm sinfo: 5 idle", /n4 not listed/],
	["srun reaches four of five", says("c1", /^srun -N5/, "c1\nn1\nn2\nn3\n"), "slurm srun -N5 hostname", /n3/],
	[
		"srun fails",
		says("c1", /^srun -N5/, { text: "srun: error: Unable to allocate resources", code: 1 }),
		"slurm srun -N5 hostname",
		/Unable to allocate/,
	],
	[
		"a batch job fails",
		says("c1", /^scontrol show job --oneliner 1$/, "JobId=1 JobState=FAILED Reason=NonZeroExitCode BatchHost=n1"),
		"slurm sbatch runs to COMPLETED",
		/FAILED NonZeroExitCode/,
	],
	[
		"a batch job's output is lost",
		says("n1", /clusteros-test-1\.out$/, "cat: clusteros-test-1.out: No such file or directory"),
		"slurm sbatch runs to COMPLETED",
		/No such file/,
	],
	[
		"a batch job never starts",
		says("c1", /^scontrol show job --oneliner 1$/, "JobId=1 JobState=PENDING Reason=Resources"),
		"slurm sbatch runs to COMPLETED",
		/PENDING Resources/,
	],
	["scancel does nothing", says("c1", /^scancel/, ""), "slurm scancel ends a running job", /RUNNING/],
	[
		"memory is not bound",
		says("c1", /^scontrol show job --oneliner 3$/, "JobId=3 JobState=COMPLETED Reason=None BatchHost=n1"),
		"slurm a job over its memory is killed by its cgroup",
		/COMPLETED on n1/,
	],
	[
		"the job does not say why it was killed",
		says("n1", /clusteros-test-3\.out$/, "Killed"),
		"slurm a job over its memory is killed by its cgroup",
		/"Killed"/,
	],
	["processors are not bound", says("c1", /^srun .*cpuset/, "0-1\n"), "slurm a job of 1 CPU sees only its own", /0-1/],
	["the cpuset controller is off", says("c1", /^srun .*cpuset/, ""), "slurm a job of 1 CPU sees only its own", /no cpuset/],
	[
		"a task of an array fails",
		says(
			"c1",
			/^scontrol show job --oneliner 4$/,
			`${"JobState=COMPLETED BatchHost=n1\n".repeat(9)}JobState=FAILED Reason=NonZeroExitCode`,
		),
		"slurm a job array of 10 completes",
		/10 tasks.*FAILED/,
	],
	[
		"tasks of an array are lost",
		says("c1", /^scontrol show job --oneliner 4$/, "JobState=COMPLETED BatchHost=n1"),
		"slurm a job array of 10 completes",
		/^1 tasks/,
	],
	[
		"a node cannot be drained",
		says("c1", /^sinfo/, "c1 idle\nn1 idle\nn2 idle\nn3 idle\nn4 idle\n"),
		"slurm drain and resume are obeyed",
		/^idle$/,
	],
	[
		"a drained node takes jobs",
		says("c1", /^scontrol show job --oneliner 5$/, "JobState=COMPLETED Reason=None BatchHost=n4"),
		"slurm drain and resume are obeyed",
		/COMPLETED on n4/,
	],
	[
		"a resumed node takes no job",
		says("c1", /^scontrol show job --oneliner 5$/, "JobState=PENDING Reason=ReqNodeNotAvail"),
		"slurm drain and resume are obeyed",
		/PENDING ReqNodeNotAvail/,
	],
	[
		"a job is left over",
		says("c1", /^squeue/, "7 clusteros-test ada RUNNING n1"),
		"slurm squeue is empty afterwards",
		/7 clusteros-test/,
	],
	[
		"the first old error is in a journal",
		says("n2", /^journalctl .*--grep/, "2026-11-22 n2 slurmd[1]: error: Cannot initialize cgroup directory for stepds"),
		'slurm no "Cannot initialize cgroup directory for stepds"',
		/n2 slurmd/,
	],
	[
		"the second old error is in a log file",
		says("n2", /^grep -rhE/, "[2026-11-22] error: cannot connect to dbus system daemon"),
		'slurm no "cannot connect to dbus system daemon"',
		/cannot connect/,
	],
	[
		"a journal cannot be searched",
		says("n2", /^journalctl .*--grep/, { text: "Compiled without pattern matching support", code: 2 }),
		'slurm no "cannot connect to dbus system daemon"',
		/pattern matching/,
	],
];

describe("each check fails when what it is about is broken:", () => {
	it.each(BREAKS)("%s", async (_, rule, check, seen) => {
		const results = await run([check.split(" ")[0]!], [rule]);
		const found = complaints(results)[check];
		expect(found?.map((complaint) => complaint.seen).join("\n")).toMatch(seen);
		expect(found?.every(({ node, expected, command }) => node && expected && command)).toBe(true);
	});

	it("and every check of a cluster of five is broken by one of these, or by the like on another node", async () => {
		const kinds = (await run([]))
			.filter(({ group }) => group !== "k3s")
			.map(({ group, name, node }) => (node ? group : `${group} ${name}`));
		const broken = BREAKS.map(([, , check]) => (check.startsWith("slurm") ? check : check.split(" ")[0]));
		expect([...new Set(kinds)].filter((kind) => !broken.includes(kind))).toEqual([]);
	});
});

describe("what a check does besides", () => {
	it("complains of a node that cannot be reached, and goes on with the others", async () => {
		const off: Rule = (_, node) => {
			if (node === "n2") throw new Error("n2 cannot be reached: nobody answers");
			return undefined;
		};
		const results = await run(["systemd"], [off]);
		expect(complaints(results)).toMatchObject({ "systemd n2": [{ node: "n2", seen: expect.stringMatching(/nobody answers/) }] });
		expect(totalsOf(results)).toEqual({ passed: 4, failed: 1, skipped: 0 });
	});

	it("asks for a user to run jobs as when cluster.toml has none", async () => {
		const results = await run(["slurm"], [], { user: undefined });
		expect(totalsOf(results)).toEqual({ passed: 4, failed: 7, skipped: 0 });
		expect(complaints(results)["slurm srun -N5 hostname"]).toMatchObject([{ fix: expect.stringMatching(/\[\[user\]\]/) }]);
	});

	it("skips the cpuset check, with the reason, where every node has one core", async () => {
		const results = await run(["slurm"], [says("c1", /^scontrol show node/, "CPUTot=2 ThreadsPerCore=2")]);
		const { verdict } = results.find(({ name }) => name.includes("1 CPU"))!;
		expect(verdict).toEqual({ status: "skipped", reason: "no worker has more than one core" });
	});

	it("resumes a node that it drained, also when what came between goes wrong", async () => {
		const orders: string[] = [];
		const note: Rule = (command) => {
			if (command.startsWith("scontrol update")) orders.push(command);
			return undefined;
		};
		const noJobs = says("c1", /^sbatch .*--nodelist/, { text: "sbatch: error: Batch job submission failed", code: 1 });
		await run(["slurm"], [note, noJobs]);
		expect(orders.map((order) => /state=\w+/.exec(order)?.[0])).toEqual(["state=drain", "state=resume"]);
	});

	it("takes its jobs out of the queue", async () => {
		const ended: string[] = [];
		const note: Rule = (command) => {
			if (command.startsWith("scancel --quiet")) ended.push(command);
			return undefined;
		};
		await run(["slurm"], [note, says("c1", /^scontrol show job/, "JobState=RUNNING BatchHost=n1")]);
		expect(ended).toHaveLength(5);
	});
});

describe("files of a node depend on what it has:", () => {
	const hybrid = async (first: readonly Rule[]) => runSuite(healthyHybrid(first), groupsNamed(["config"]), {});

	it("with k3s in the image its configuration is looked at, too", async () => {
		expect(complaints(await hybrid([]))).toEqual({});
		const found = complaints(await hybrid([says("n1", /^cat \/etc\/rancher\/k3s\/config\.yaml$/, "# mine\n")]));
		expect(found).toMatchObject({ "config n1": [{ seen: expect.stringContaining('line 1 is "# mine"') }] });
	});

	it("a share of the node that is another is seen", async () => {
		const found = complaints(await hybrid([says("n1", /^grep \^MemTotal/, "MemTotal:        2048000 kB\n")]));
		expect(found["config n1"]?.map(({ expected }) => expected)).toEqual([
			"/etc/default/slurmd as rendered here",
			"/etc/rancher/k3s/config.yaml as rendered here",
		]);
	});

	it("k3s' own images let it have what it usually has", async () => {
		const images = says("n1", /^ls \/var\/lib\/rancher/, "clusteros.tar\nk3s-airgap-images-amd64.tar.zst\n");
		expect(complaints(await hybrid([images]))["config n1"]).toMatchObject([{ seen: expect.stringContaining("pause-image") }]);
	});

	it("without SLURM in the image nothing is asked of SLURM, and the other files count", async () => {
		const none = says("*", /^(test -x \/usr\/sbin\/slurmd|scontrol|sha256sum|(cat|stat .*) \/etc\/(slurm\/|default\/slurmd))/, {
			text: "no such file",
			code: 1,
		});
		const found = complaints(await hybrid([none]));
		expect(Object.keys(found)).toHaveLength(5);
		// k3s has all of such a node: the share that the fake nodes still keep for SLURM is what differs.
		for (const all of Object.values(found)) {
			expect(all).toMatchObject([
				{ expected: "/etc/rancher/k3s/config.yaml as rendered here", seen: expect.stringContaining("kubelet-arg") },
			]);
		}
	});
});
