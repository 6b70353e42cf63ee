import { expect, inject, it } from "vitest";
import { openReach } from "../../cluster/reach/open.ts";
import { clusteros, mustClusteros } from "./clusteros.ts";

const dir = inject("cluster");

/** Without k3s' own program (docs/k3s.md) the image has none, and its checks are skipped. */
const counts = process.env.CLUSTEROS_K3S ? { passed: 56, skipped: 0 } : { passed: 51, skipped: 5 };

const isFailed = ({ status }: { status: string }) => status === "failed";

async function bootId(): Promise<string> {
	const reached = await openReach(dir);
	return (await reached.link("c1").run(["cat", "/proc/sys/kernel/random/boot_id"])).stdout;
}

it("passes the checks as well when it was resumed from its snapshot", async () => {
	await mustClusteros("up", dir, "--warm");
	const boot = await bootId();
	await mustClusteros("stop", dir, "--now");
	await mustClusteros("up", dir, "--warm");
	expect(await bootId()).toBe(boot);
	const { checks, ...totals } = JSON.parse((await clusteros("test", dir, "--no-reboot", "--json")).stdout);
	expect(checks.filter(isFailed)).toEqual([]);
	expect(totals).toMatchObject({ ...counts, failed: 0, leftOut: ["identity: the reboots (--no-reboot)"] });
});
