import { describe, expect, it } from "vitest";
import { testWords } from "../../../../builder/cli/test-words.ts";
import { makePaint } from "../../../../builder/ui/paint.ts";
import type { Complaint } from "../../../../cluster/acceptance/check.ts";
import { document } from "../../../../cluster/acceptance/report/document.ts";
import { junit } from "../../../../cluster/acceptance/report/junit.ts";
import type { Result } from "../../../../cluster/acceptance/run-suite.ts";

const NASTY = "a <b> & \"c\" 'd' ]]> \u0000\u001b[31m\ud800 ü 🙂\nsecond line";
const complaint: Complaint = { node: "n2", expected: NASTY, seen: NASTY, command: "clusteros exec lab n2 -- wg show wg0" };

function result(group: Result["group"], name: string, verdict: Result["verdict"]): Result {
	return { group, name, node: undefined, verdict, seconds: 0.12345 };
}

const results: Result[] = [
	...["c1", "n1"].map((name) => result("wireguard", name, { status: "passed" })),
	result("wireguard", "n2", { status: "failed", complaints: [complaint, { ...complaint, fix: "mend it" }] }),
	result("systemd", "c1", { status: "passed" }),
	result("slurm", "a job of 1 CPU", { status: "skipped", reason: "one core" }),
	result("slurm", "squeue", { status: "passed" }),
	...["c1", "n1"].map((name) => result("k3s", name, { status: "skipped", reason: "no k3s in this image" })),
];

describe("words", () => {
	const words = testWords(results, 41.26, ["identity: the reboots (--no-reboot)"], makePaint({}, {}));

	it("count by group, and give a line to what needs one", () => {
		expect(words.split("\n").slice(0, 3)).toEqual([
			"wireguard   2/3      systemd     1/1",
			"slurm       1/1 (1 skipped: one core)",
			"k3s         skipped: no k3s in this image",
		]);
	});

	it("name what was expected, what was seen, where, and what shows it", () => {
		expect(words).toContain("failed  wireguard: n2");
		for (const line of [
			"node      n2",
			"expected  a <b>",
			"seen      a <b>",
			"shown by  clusteros exec lab n2",
			"fix       mend it",
		]) {
			expect(words).toContain(line);
		}
	});

	it("end with the total, and say what was left out", () => {
		expect(words.split("\n").slice(-2)).toEqual([
			"left out  identity: the reboots (--no-reboot)",
			"4 passed, 1 failed, 3 skipped   41.3 s",
		]);
	});
});

it("JSON has every check with its verdict and seconds", () => {
	const printed = JSON.parse(JSON.stringify(document(results, 41.26, [])));
	expect(printed).toMatchObject({ version: 1, passed: 4, failed: 1, skipped: 3, seconds: 41.26 });
	expect(printed.checks).toHaveLength(8);
	expect(printed.checks[2]).toMatchObject({
		group: "wireguard",
		name: "n2",
		status: "failed",
		seconds: 0.123,
		complaints: [{ node: "n2" }, {}],
	});
});

describe("JUnit XML", () => {
	const xml = junit(results, 41.26);

	it("is well-formed, whatever the words were", () => {
		expect(parse(xml).map(({ name }) => name)).toEqual(
			expect.arrayContaining(["testsuites", "testsuite", "testcase", "failure", "skipped"]),
		);
	});

	it("counts, and gives the words back", () => {
		const elements = parse(xml);
		expect(elements[0]).toMatchObject({
			name: "testsuites",
			attributes: { tests: "8", failures: "1", errors: "0", skipped: "3", time: "41.260" },
		});
		expect(elements.filter(({ name }) => name === "testcase")).toHaveLength(8);
		const failure = elements.find(({ name }) => name === "failure")!;
		const readable = NASTY.replace("\u0000\u001b", "??").replace("\ud800", "?");
		expect(failure.attributes.message).toContain(readable);
		expect(failure.text).toContain(`shown by  ${complaint.command}`);
		expect(failure.text).toContain("a <b> & \"c\" 'd' ]]> ??[31m");
	});
});

interface Element {
	readonly name: string;
	readonly attributes: Readonly<Record<string, string>>;
	text: string;
}

/** Elements in the order in which they open. As strict as XML is about nesting, quotes, `<`, `&` and characters. */
function parse(xml: string): Element[] {
	const all: Element[] = [];
	const open: Element[] = [];
	let rest = xml.replace(/^<\?xml [^?]*\?>\n/, "").trimEnd();
	expect(rest).not.toMatch(/[^\t\n\r -\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u);
	while (rest !== "") {
		const [token, close, name, attributes, text] =
			/^(?:<\/(\w+)>|<(\w+)((?: \w+="[^"<]*")*)>|([^<>]+))/.exec(rest) ?? expect.fail(`not XML: ${rest}`);
		if (close) expect(open.pop()?.name).toBe(close);
		else if (name) {
			const pairs = [...attributes!.matchAll(/ (\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, plain(value!)]);
			open.push({ name, attributes: Object.fromEntries(pairs), text: "" });
			all.push(open.at(-1)!);
		} else if (open.length > 0) open.at(-1)!.text += plain(text!);
		else expect(text!.trim()).toBe("");
		rest = rest.slice(token.length);
	}
	expect(open).toEqual([]);
	return all;
}

function plain(text: string): string {
	expect(text.replaceAll(/&(amp|lt|gt|quot);/g, "")).not.toContain("&");
	return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&");
}
