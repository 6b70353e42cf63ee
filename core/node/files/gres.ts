import { expandHostlist } from "../hostlist.ts";

/** What a site's gres.conf lines say that a dynamic node has: SLURM has no node line of it to read that from. */

/** One counted resource, as in `gpu` or `gpu:a100`. */
interface Resource {
	readonly name: string;
	readonly count: number;
}

/** The names of resources in gres.conf text, each once: slurm.conf's GresTypes. */
export function gresTypes(text: string): string[] {
	return [...new Set(text.split("\n").flatMap((line) => settings(line).get("name") ?? []))];
}

/** `gpu:a100:2,shard:8` for the node, or undefined when no line speaks of it (or leaves counting to AutoDetect). */
export function gresOf(text: string, node: string): string | undefined {
	const counts = new Map<string, number>();
	for (const { name, count } of text.split("\n").flatMap((line) => resourceOf(line, node))) {
		counts.set(name, (counts.get(name) ?? 0) + count);
	}
	if (counts.size === 0) return undefined;
	return [...counts].map(([name, count]) => `${name}:${count}`).join(",");
}

function resourceOf(line: string, node: string): Resource[] {
	const given = settings(line);
	const [name, nodes] = [given.get("name"), given.get("nodename")];
	if (name === undefined || (nodes !== undefined && !expandHostlist(nodes).includes(node))) return [];
	const type = given.get("type");
	return [{ name: type === undefined ? name : `${name}:${type}`, count: countOf(given) }];
}

/** Count as given, else as many as there are files: gres.conf(5). */
function countOf(given: ReadonlyMap<string, string>): number {
	const count = given.get("count");
	if (count !== undefined) return Number.parseInt(count, 10) * (SUFFIX[count.slice(-1).toUpperCase()] ?? 1);
	const files = given.get("file");
	return files === undefined ? 1 : filesIn(files);
}

const SUFFIX: Readonly<Record<string, number>> = { K: 1024, M: 1024 ** 2, G: 1024 ** 3, T: 1024 ** 4 };

/** How many names `/dev/nvidia[0-3,7]` stands for. */
function filesIn(files: string): number {
	return files.split(/,(?![^[]*\])/).reduce((sum, file) => {
		const ranges = /\[([0-9,-]+)\]/.exec(file)?.[1];
		return sum + (ranges === undefined ? 1 : expandHostlist(`f[${ranges}]`).length);
	}, 0);
}

/** `Key=Value` pairs of one line, keys in lower case. */
function settings(line: string): Map<string, string> {
	const words = line.replace(/#.*/, "").trim().split(/\s+/);
	return new Map(
		words
			.filter((word) => word.includes("="))
			.map((word) => [word.slice(0, word.indexOf("=")).toLowerCase(), word.slice(word.indexOf("=") + 1)]),
	);
}
