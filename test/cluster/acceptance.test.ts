import { describe, expect, inject, it } from "vitest";
import { openReach } from "../../cluster/reach/open.ts";
import { clusteros } from "./clusteros.ts";

const dir = inject("cluster");

/** Without k3s' own program (docs/k3s.md) the image has none, and its checks are skipped. */
const hasK3s = Boolean(process.env.CLUSTEROS_K3S);
const title = hasK3s ? "passes all 56 checks, reboots included" : "passes 51 checks; those of k3s are skipped: no CLUSTEROS_K3S";

const isFailed = ({ status }: { status: string }) => status === "failed";

describe("a cluster of five, from init and up", () => {
	it(title, async () => {
		const { checks, ...totals } = JSON.parse((await clusteros("test", dir, "--json")).stdout);
		expect(checks.filter(isFailed)).toEqual([]);
		expect(totals).toMatchObject({ passed: hasK3s ? 56 : 51, failed: 0, skipped: hasK3s ? 0 : 5, leftOut: [] });
	});

	it("runs a task on every node at once", async () => {
		const reached = await openReach(dir);
		const { stdout } = await reached.link("c1").run(["srun", "-N5", "hostname"], { timeout: 30_000 * reached.slow });
		expect(stdout.trim().split("\n").toSorted()).toEqual(["c1", "n1", "n2", "n3", "n4"]);
		await reached.close();
	});
});
