import { quote } from "../../core/process/quote.ts";
import type { Check, Complaint, GroupName, Suite, TestNode, Verdict } from "./check.ts";

export const PASSED: Verdict = { status: "passed" };

export function skipped(reason: string): Verdict {
	return { status: "skipped", reason };
}

/** Failed when there is anything to complain about. */
export function verdictOf(complaints: readonly Complaint[]): Verdict {
	return complaints.length === 0 ? PASSED : { status: "failed", complaints };
}

/** The words of one complaint; no complaint when `ok`. */
export function expectThat(ok: boolean, complaint: Complaint): readonly Complaint[] {
	return ok ? [] : [{ ...complaint, seen: clip(complaint.seen.trim()) || "nothing" }];
}

/** The command that shows what a check saw, as it can be pasted. */
export function shownBy(suite: Suite, node: TestNode, argv: readonly string[], as?: string): string {
	const user = as === undefined ? [] : ["--user", as];
	return ["clusteros", "exec", suite.dir, node.name, ...user, "--", ...argv].map(quote).join(" ");
}

/** One check a node, named after it. */
export function perNode(
	group: GroupName,
	run: (node: TestNode, suite: Suite) => Promise<Verdict>,
): (suite: Suite) => readonly Check[] {
	return (suite) => suite.nodes.map((node) => ({ group, name: node.name, node: node.name, run: () => run(node, suite) }));
}

/** All nodes but this one. */
export function others(suite: Suite, node: TestNode): readonly TestNode[] {
	return suite.nodes.filter(({ name }) => name !== node.name);
}

/** The node after this one; with one node, itself. */
export function nextTo(suite: Suite, node: TestNode): TestNode {
	return suite.nodes[(suite.nodes.indexOf(node) + 1) % suite.nodes.length]!;
}

/** What several checks want to know is found out once. */
export function once<T>(find: () => Promise<T>): () => Promise<T> {
	let found: Promise<T> | undefined;
	return () => {
		found ??= find();
		return found;
	};
}

const MOST = 2000;

function clip(text: string): string {
	return text.length <= MOST ? text : `${text.slice(0, MOST)}…`;
}
