import type { Result } from "../run-suite.ts";
import { byGroup, complaintLines, totalsOf } from "./summary.ts";

/** The results as JUnit XML, as Jenkins' and GitLab's readers take it: a test suite a group. */
export function junit(results: readonly Result[], seconds: number): string {
	const suites = byGroup(results).map(([group, of]) => {
		const spent = of.reduce((sum, result) => sum + result.seconds, 0);
		return element("testsuite", { name: group, ...counts(of, spent) }, of.map(testcase).join(""));
	});
	const all = element("testsuites", { name: "clusteros test", ...counts(results, seconds) }, suites.join(""));
	return `<?xml version="1.0" encoding="UTF-8"?>\n${all}`;
}

function testcase({ group, name, verdict, seconds }: Result): string {
	return element("testcase", { classname: `clusteros.${group}`, name, time: seconds.toFixed(3) }, outcome(verdict));
}

function outcome(verdict: Result["verdict"]): string {
	if (verdict.status === "passed") return "";
	if (verdict.status === "skipped") return element("skipped", { message: verdict.reason }, "");
	const text = verdict.complaints.map((complaint) => complaintLines(complaint).join("\n")).join("\n\n");
	const message = verdict.complaints.map(({ node, expected }) => `${node}: expected ${expected}`).join("; ");
	return element("failure", { message }, escaped(text));
}

function counts(results: readonly Result[], seconds: number): Record<string, string> {
	const { failed, skipped } = totalsOf(results);
	const numbers = { tests: results.length, failures: failed, errors: 0, skipped };
	return { ...Object.fromEntries(Object.entries(numbers).map(([k, v]) => [k, String(v)])), time: seconds.toFixed(3) };
}

function element(name: string, attributes: Readonly<Record<string, string>>, content: string): string {
	const pairs = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
	return `<${name}${pairs.join("")}>${content}</${name}>\n`;
}

/** For text and attributes alike. What XML 1.0 cannot hold at all (most control characters) becomes a question mark. */
function escaped(text: string): string {
	return text
		.replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "?")
		.replaceAll("&", "&amp;")
		.replaceAll("<", "&lt;")
		.replaceAll(">", "&gt;")
		.replaceAll('"', "&quot;");
}
