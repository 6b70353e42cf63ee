import { PassThrough } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeReporter } from "../../../builder/ui/make-reporter.ts";

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

/** A reporter on a stream that is read back, with a clock of the test's own (ms). */
function open(options: { tty?: boolean; json?: boolean; env?: NodeJS.ProcessEnv; columns?: number } = {}) {
	const stream = Object.assign(new PassThrough(), { isTTY: options.tty === true, columns: options.columns ?? 80 });
	const logged: string[] = [];
	let at = 0;
	const reporter = makeReporter({
		json: options.json,
		stream,
		env: options.env ?? {},
		now: () => at,
		log: (line) => logged.push(line),
	});
	const pass = (ms: number) => {
		at += ms;
		vi.advanceTimersByTime(ms);
	};
	return { reporter, logged, pass, text: () => String(stream.read() ?? "") };
}

describe("piped", () => {
	it("writes a line for each finished step, with its time", () => {
		const { reporter, pass, text } = open();
		reporter.note("base", "debian-13");
		const first = reporter.step("base packages");
		pass(14_200);
		first.done("41 packages, 38 MB downloaded");
		reporter.step("disk").cached("3f9c");
		reporter.step("qcow2").failed("no space");
		reporter.close();
		expect(text().split("\n")).toEqual([
			"base        debian-13",
			"✔ base packages         14.2 s     41 packages, 38 MB downloaded",
			"✔ disk                  cached     3f9c",
			"✘ qcow2                 0.0 s      no space",
			"",
		]);
	});

	it("shows after half a minute of silence that a step lives, and where it is", () => {
		const { reporter, pass, text } = open();
		const step = reporter.step("base packages");
		step.progress({ fraction: 0.5, text: "41 of 82" });
		pass(29_000);
		expect(text()).toBe("");
		pass(1500);
		expect(text()).toMatch(/base packages +30\.\d s +█+░+ +50 % {2}41 of 82\n/);
		step.done("");
		reporter.close();
		text();
		pass(60_000);
		expect(text()).toBe("");
	});
});

describe("on a terminal", () => {
	it("redraws running steps below what is finished", () => {
		const { reporter, pass, text } = open({ tty: true });
		const a = reporter.step("first");
		const b = reporter.step("second");
		pass(200);
		expect(stripVTControlCharacters(text())).toMatch(/first .*\n.*second/);
		a.done("well");
		const after = text();
		// Both lines are taken back before the finished one is written.
		expect(after).toContain("\u001b[2A\u001b[0J");
		expect(stripVTControlCharacters(after)).toMatch(/✔ first +0\.2 s +well\n. second/);
		b.done("");
		reporter.close();
		expect(text()).toContain("\u001b[?25h");
	});

	it("cuts lines that would wrap", () => {
		const { reporter, pass, text } = open({ tty: true, columns: 40 });
		reporter.step("first").progress({ text: "x".repeat(100) });
		pass(100);
		const lines = stripVTControlCharacters(text()).split("\n");
		expect(lines.every((line) => line.length < 40)).toBe(true);
		reporter.close();
	});

	it.each([{ NO_COLOR: "1" }, { TERM: "dumb" }])("has no colours with %o", (env) => {
		const { reporter, text } = open({ tty: true, env });
		reporter.warn("careful");
		reporter.close();
		expect(text()).toBe("warning: careful\n");
	});
});

describe("under --json", () => {
	it("writes warnings only, and logs everything", () => {
		const { reporter, pass, text, logged } = open({ json: true });
		reporter.note("base", "debian-13");
		const step = reporter.step("disk");
		pass(120_000);
		step.done("2 GB");
		reporter.warn("old package lists");
		reporter.close();
		expect(text()).toBe("warning: old package lists\n");
		expect(logged).toEqual([
			"base        debian-13",
			"disk ...",
			expect.stringMatching(/^✔ disk +2 min 00 s +2 GB$/),
			"warning: old package lists",
		]);
	});
});
