import { describe, expect, it } from "vitest";
import type { Group, Suite, Verdict } from "../../../../cluster/acceptance/check.ts";
import { groupsNamed } from "../../../../cluster/acceptance/groups.ts";
import { runSuite } from "../../../../cluster/acceptance/run-suite.ts";
import { refuseWithJobs } from "../../../../cluster/acceptance/suite.ts";
import { Interrupted, UserError } from "../../../../core/errors.ts";
import { fakeSuite } from "./fake-cluster.ts";

const PASSED: Verdict = { status: "passed" };

/** A group whose checks end when their suite's signal fires, as ssh does. */
const endless: Group = {
	name: "network",
	checks: (suite: Suite) =>
		["a", "b"].map((name) => ({
			group: "network",
			name,
			run: () => new Promise<Verdict>((_, reject) => suite.signal.addEventListener("abort", () => reject(new Interrupted()))),
		})),
};
const quick: Group = { name: "systemd", checks: () => [{ group: "systemd", name: "quick", run: async () => PASSED }] };

describe("runSuite", () => {
	it("counts as failed what is not done in the time allowed, and what comes after it", async () => {
		const results = await runSuite(fakeSuite([]), [quick, endless, quick], {}, AbortSignal.timeout(30));
		expect(results.map(({ verdict }) => verdict.status)).toEqual(["passed", "failed", "failed", "failed"]);
		expect(results[1]!.verdict).toMatchObject({
			complaints: [{ expected: expect.stringContaining("--timeout"), seen: "not done" }],
		});
	});

	it("stops at ^C", async () => {
		const stop = new AbortController();
		const running = runSuite({ ...fakeSuite([]), signal: stop.signal }, [endless], {});
		stop.abort();
		await expect(running).rejects.toBeInstanceOf(Interrupted);
	});

	it("runs a group's checks at once, or in turn where that is said", async () => {
		const seen: string[] = [];
		const busy = (inTurn: boolean): Group => ({
			name: "slurm",
			inTurn,
			checks: () =>
				[1, 2].map((n) => ({
					group: "slurm",
					name: String(n),
					run: async () => {
						seen.push(`${n} in`);
						await new Promise((done) => setTimeout(done, 5));
						seen.push(`${n} out`);
						return PASSED;
					},
				})),
		});
		await runSuite(fakeSuite([]), [busy(true), busy(false)], {});
		expect(seen.slice(0, 4)).toEqual(["1 in", "1 out", "2 in", "2 out"]);
		expect(seen.slice(4, 6)).toEqual(["1 in", "2 in"]);
	});
});

describe("groupsNamed", () => {
	it("keeps the order in which groups have to run", () => {
		expect(groupsNamed(["slurm", "wireguard", "identity"]).map(({ name }) => name)).toEqual(["identity", "wireguard", "slurm"]);
	});

	it("names the nearest group for each that is none", () => {
		const wrong = () => groupsNamed(["slrum", "network", "x"]);
		expect(wrong).toThrow(UserError);
		expect(wrong).toThrow(/"slrum".*"x"/);
	});
});

describe("refuseWithJobs", () => {
	const queue = (text: string, code = 0) => fakeSuite([(command) => (command.startsWith("squeue") ? { text, code } : undefined)]);

	it("lets nobody's jobs be rebooted away", async () => {
		const refused = refuseWithJobs(queue("ada RUNNING\nbob PENDING\nada PENDING\n"));
		await expect(refused).rejects.toThrow(/3 job\(s\) of ada, bob/);
	});

	it("minds neither ended jobs nor a controller that does not answer", async () => {
		await refuseWithJobs(queue("ada COMPLETED\nbob CANCELLED\n"));
		await refuseWithJobs(queue("slurm_load_jobs error", 1));
	});
});
