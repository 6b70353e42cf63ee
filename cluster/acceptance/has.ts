import { FACT_PROGRAMS } from "../../core/node/facts.ts";
import { type Answer, ask } from "./ask.ts";
import type { Suite, TestNode, Verdict } from "./check.ts";
import { skipped } from "./verdict.ts";

/** What an image may lack, and a program by which that shows. */
const PARTS = { SLURM: "/usr/sbin/slurmctld", munge: "/usr/bin/munge", k3s: FACT_PROGRAMS.k3s } as const;

type Part = keyof typeof PARTS;

/** The question whether an image has a part, for {@link ask}. */
export function hasPart(part: Part): readonly string[] {
	return ["test", "-x", PARTS[part]];
}

/** The verdict on a node whose image lacks what a check is about: that is no pass. Undefined when the part is there. */
export function lacksPart(part: Part, { code }: Answer): Verdict | undefined {
	return code === 0 ? undefined : skipped(`no ${part} in this image`);
}

/** As {@link lacksPart}, asked in a round of its own. */
export async function askForPart(suite: Suite, node: TestNode, part: Part): Promise<Verdict | undefined> {
	return lacksPart(part, (await ask(suite, node, { part: hasPart(part) })).part);
}
