import { describe, expect, it } from "vitest";
import { notify, watchdogPeriod } from "../../agent/notify.ts";
import { scratchNode } from "./scratch.ts";

describe("watchdogPeriod", () => {
	it.each([
		[{ WATCHDOG_USEC: "120000000" }, 60_000],
		[{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "77" }, 60_000],
		[{ WATCHDOG_USEC: "120000000", WATCHDOG_PID: "78" }, undefined],
		[{}, undefined],
		[{ WATCHDOG_USEC: "0" }, undefined],
	])("of %j is %s ms", (env, period) => {
		using node = scratchNode(env as Record<string, string>);
		expect(watchdogPeriod(node.world)).toBe(period);
	});
});

describe("notify", () => {
	it("runs systemd-notify under systemd only", async () => {
		using alone = scratchNode();
		await notify(alone.world, "READY=1");
		expect(alone.ran).toEqual([]);
		using managed = scratchNode({ NOTIFY_SOCKET: "/run/systemd/notify" });
		await notify(managed.world, "READY=1", "STATUS=up and well");
		expect(managed.ran).toEqual([["systemd-notify", "READY=1", "STATUS=up and well"]]);
	});
});
