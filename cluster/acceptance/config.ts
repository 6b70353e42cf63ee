import type { NodeFile } from "../../core/node/types.ts";
import { type Answer, ask, saidBy } from "./ask.ts";
import type { Complaint, Group, Suite, TestNode } from "./check.ts";
import { EVERYTHING, FACTS, factsFrom } from "./facts.ts";
import { expectThat, once, perNode, shownBy, verdictOf } from "./verdict.ts";

/** Files of SLURM that a controller serves to nodes without any. */
const SERVED = ["slurm.conf", "cgroup.conf", "gres.conf"];
/** Where they lie on the controller, and where slurmd puts what it was served. */
const SOURCE = "/etc/slurm";
const COPY = "/run/slurm/conf";

const HASH = ["scontrol", "show", "config"];

/**
 * SLURM's configuration on the node is the controller's, and every file of the agent's is as the renderer makes it here, with
 * what the node says of its machine.
 */
export const config: Group = {
	name: "config",
	checks: (suite) => {
		const served = once(async () => digests((await ask(suite, suite.controller, { it: sha256(SOURCE) })).it));
		return perNode("config", async (node) => {
			// All in one round: what the node has decides which of the answers count.
			const seen = await ask(suite, node, {
				...FACTS,
				hash: HASH,
				copies: sha256(COPY),
				...questionsAbout(suite.files(node, EVERYTHING)),
			});
			const facts = factsFrom(seen);
			const files = suite.files(node, facts).filter(({ path }) => facts.slurm || !OF_SLURM.test(path));
			return verdictOf([
				...(facts.slurm ? aboutHash(suite, node, seen.hash) : []),
				...(facts.slurm && node.roles.includes("worker") ? aboutCopies(suite, node, seen.copies, await served()) : []),
				...files.flatMap((file) => aboutFile(suite, node, file, seen)),
			]);
		})(suite);
	},
};

/** Files that an image without SLURM has no use for. */
const OF_SLURM = /^\/etc\/(slurm\/|default\/slurmd$)/;

function questionsAbout(files: readonly NodeFile[]): Readonly<Record<string, readonly string[]>> {
	return Object.fromEntries(
		files.flatMap(({ path }) => [
			[`stat:${path}`, ["stat", "-c", "%a %U:%G", path]],
			[`text:${path}`, ["cat", path]],
		]),
	);
}

function sha256(folder: string): string[] {
	return ["sha256sum", ...SERVED.map((name) => `${folder}/${name}`)];
}

type Digests = ReadonlyMap<string, string>;

/** File name → digest, of sha256sum's lines. */
function digests({ text }: Answer): Digests {
	return new Map([...text.matchAll(/^([0-9a-f]{64}) [ *]\S*\/(\S+)$/gm)].map(([, digest, name]) => [name!, digest!]));
}

/** scontrol compares its own configuration with that of the running slurmctld: `HASH_VAL = Match`. */
function aboutHash(suite: Suite, node: TestNode, answer: Answer): readonly Complaint[] {
	const value = /^HASH_VAL\s*=\s*(.*)$/m.exec(answer.text)?.[1]?.trim();
	return expectThat(value === "Match", {
		node: node.name,
		expected: "HASH_VAL = Match",
		seen: value === undefined ? saidBy(answer) : `HASH_VAL = ${value}`,
		command: shownBy(suite, node, HASH),
	});
}

function aboutCopies(suite: Suite, node: TestNode, answer: Answer, served: Digests): readonly Complaint[] {
	const copies = digests(answer);
	const other = SERVED.filter((name) => served.get(name) === undefined || copies.get(name) !== served.get(name));
	return expectThat(other.length === 0, {
		node: node.name,
		expected: `${COPY} as ${suite.controller.name}'s ${SOURCE}`,
		seen: other.map((name) => `${name}: ${whatIsWrong(copies.get(name), served.get(name))}`).join(", "),
		command: shownBy(suite, node, sha256(COPY)),
	});
}

function whatIsWrong(copy: string | undefined, served: string | undefined): string {
	if (served === undefined) return "missing on the controller";
	return copy === undefined ? "missing" : "another digest";
}

function aboutFile(suite: Suite, node: TestNode, file: NodeFile, seen: Readonly<Record<string, Answer>>): readonly Complaint[] {
	const [stat, text] = [seen[`stat:${file.path}`]!, seen[`text:${file.path}`]!];
	const complaint = { node: node.name, command: shownBy(suite, node, ["cat", file.path], "root") };
	if (stat.code !== 0) return expectThat(false, { ...complaint, expected: file.path, seen: saidBy(stat) });
	const rights = `${file.mode.toString(8)} ${file.owner ?? "root:root"}`;
	return [
		...expectThat(stat.text.trim() === rights, { ...complaint, expected: `${file.path} is ${rights}`, seen: stat.text }),
		...expectThat(holds(file, text.text), {
			...complaint,
			expected: `${file.path} as rendered here`,
			seen: difference(file, text.text),
		}),
	];
}

/** Of a block the rest of the file is nobody's business. */
function holds({ content, block }: NodeFile, text: string): boolean {
	return block ? `\n${text}`.includes(`\n${content}`) : text === content;
}

/** The first line that differs; of a block the first that is missing, or else that its lines do not follow each other. */
function difference({ content, block }: NodeFile, text: string): string {
	const [wanted, there] = [content.split("\n"), text.split("\n")];
	if (block) {
		const missing = wanted.find((line) => !there.includes(line));
		return missing === undefined ? "all lines, but not one after the other" : `no line "${missing}"`;
	}
	const longer = there.length > wanted.length ? there : wanted;
	const at = longer.findIndex((_, i) => wanted[i] !== there[i]);
	return `line ${at + 1} is ${words(there[at])}, not ${words(wanted[at])}`;
}

function words(line: string | undefined): string {
	return line === undefined ? "missing" : `"${line}"`;
}
