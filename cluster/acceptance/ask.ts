import { randomBytes } from "node:crypto";
import { quote } from "../../core/process/quote.ts";
import type { LinkOptions } from "../reach/types.ts";
import { patience, type Suite, type TestNode } from "./check.ts";

/** What a program said, both streams in one, and how it ended. */
export interface Answer {
	readonly code: number;
	readonly text: string;
}

/** Seconds on metal that all of one round's programs may take. */
const ROUND = 20;

/**
 * Runs several programs on a node, one after the other, in one round of ssh: a round costs an emulated node more than most
 * programs do. None of them has an input; that one fails is an answer like others.
 * @throws Unreachable when the node cannot be asked, ToolError when it does not end in time.
 */
export async function ask<Name extends string>(
	suite: Suite,
	node: TestNode,
	questions: Readonly<Record<Name, readonly string[]>>,
	options: LinkOptions = {},
): Promise<Readonly<Record<Name, Answer>>> {
	const mark = randomBytes(8).toString("hex");
	const limits = { as: "root", timeout: patience(suite, ROUND), signal: suite.signal, doing: `asking ${node.name}`, ...options };
	const { stdout } = await node.link.run(["sh", "-c", scriptOf(questions, mark)], limits);
	return Object.fromEntries(answersIn(stdout, mark)) as Record<Name, Answer>;
}

/** Each program, quoted word by word, and after it a line with `mark`, its name and its exit code. */
function scriptOf(questions: Readonly<Record<string, readonly string[]>>, mark: string): string {
	const lines = Object.entries(questions).map(([name, argv]) => {
		const program = argv.map(quote).join(" ");
		return `${program} </dev/null 2>&1; printf '\\n%s %s %d\\n' ${mark} ${quote(name)} "$?"`;
	});
	return lines.join("\n");
}

function answersIn(printed: string, mark: string): [string, Answer][] {
	const parts = printed.split(new RegExp(`\\n${mark} (\\S+) (\\d+)(?:\\n|$)`));
	const found: [string, Answer][] = [];
	for (let i = 0; i + 2 < parts.length; i += 3) found.push([parts[i + 1]!, { text: parts[i]!, code: Number(parts[i + 2]) }]);
	return found;
}

/** The words of an answer as a complaint shows them. */
export function saidBy({ text, code }: Answer): string {
	return text.trim() || `nothing, exit code ${code}`;
}
