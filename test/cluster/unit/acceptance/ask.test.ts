import { expect, it } from "vitest";
import { ask } from "../../../../cluster/acceptance/ask.ts";
import type { TestNode } from "../../../../cluster/acceptance/check.ts";
import { run } from "../../../../core/process/run.ts";
import { fakeSuite } from "./fake-cluster.ts";

const suite = fakeSuite([]);
/** This machine's own shell in the place of a node's. */
const here: TestNode = {
	...suite.nodes[0]!,
	link: { ...suite.nodes[0]!.link, run: (argv) => run(argv, { doing: "asking this machine" }) },
};

it("gives each program's words and exit code as they were", async () => {
	const awkward = ["a b", "it's", '"$HOME"', "`id`", "new\nline", "*", "\\", ""];
	const answers = await ask(suite, here, {
		words: ["printf", "%s|", ...awkward],
		"stat:/etc/hosts": ["sh", "-c", "exit 7"],
		nothing: ["true"],
		gone: ["no-such-program-here"],
		both: ["sh", "-c", "echo out; echo err >&2"],
		open: ["printf", "no newline at the end"],
		last: ["printf", "two\n\n"],
	});
	expect(answers).toMatchObject({
		words: { text: `${awkward.join("|")}|`, code: 0 },
		"stat:/etc/hosts": { text: "", code: 7 },
		nothing: { text: "", code: 0 },
		gone: { text: expect.stringMatching(/not found/), code: 127 },
		both: { text: "out\nerr\n", code: 0 },
		open: { text: "no newline at the end", code: 0 },
		last: { text: "two\n\n", code: 0 },
	});
});

it("lets no program take the script's own input", async () => {
	const { cat, after } = await ask(suite, here, { cat: ["cat"], after: ["echo", "still here"] });
	expect([cat.text, after.text]).toEqual(["", "still here\n"]);
});
