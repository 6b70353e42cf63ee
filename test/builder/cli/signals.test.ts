import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";
import { onInterrupt } from "../../../builder/cli/signals.ts";

it("asks once to stop, takes echoes of the first keypress for what they are, and obeys the second", () => {
	let at = 0;
	const exit = vi.fn();
	const write = vi.fn();
	const source = Object.assign(new EventEmitter(), { exit, stderr: { write } });
	const signal = onInterrupt(source, () => at);
	expect(signal.aborted).toBe(false);
	source.emit("SIGINT");
	expect(signal.aborted).toBe(true);
	at = 100;
	source.emit("SIGINT");
	expect(exit).not.toHaveBeenCalled();
	expect(write).toHaveBeenCalledOnce();
	at = 900;
	source.emit("SIGTERM");
	expect(exit).toHaveBeenCalledWith(130);
});
