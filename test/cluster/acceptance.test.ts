import { describe, expect, inject, it } from "vitest";
import { openReach } from "../../cluster/reach/open.ts";
import { clusteros } from "./clusteros.ts";

const dir = inject("cluster");

const isFailed = ({ status }: { status: string }) => status === "failed";

describe("a cluster of five, from init and up", () => {
	it("passes 51 checks, reboots included; k3s is skipped", async () => {
		const { checks, ...totals } = JSON.parse((await clusteros("test", dir, "--json")).stdout);
		expect(checks.filter(isFailed)).toEqual([]);
		expect(totals).toMatchObject({ passed: 51, failed: 0, skipped: 5, leftOut: [] });
	});

	it("runs a task on every node at once", async () => {
		const reached = await openReach(dir);
		const { stdout } = await reached.link("c1").run(["srun", "-N5", "hostname"], { timeout: 30_000 * reached.slow });
		expect(stdout.trim().split("\n").toSorted()).toEqual(["c1", "n1", "n2", "n3", "n4"]);
		await reached.close();
	});
});
