import { realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type ProfileFile, profileFile } from "../../core/contract/profile.ts";
import { type Problem, UserError, type Where } from "../../core/errors.ts";
import { checkDocument } from "../../core/toml/check-document.ts";
import { formatPath, getAt } from "../../core/toml/key-path.ts";
import { readToml, type TomlDocument } from "../../core/toml/toml-document.ts";
import { findToml } from "./find-file.ts";
import type { Source } from "./source.ts";

/** Where profiles are looked for. */
export interface ChainOptions {
	readonly profileDirs: readonly string[];
	readonly cwd: string;
}

/** The `extends` chain, parents first and each profile once, and the files that were read. */
export interface Chain {
	readonly sources: readonly Source[];
	readonly files: readonly string[];
}

/** A profile on the way from the asked-for one to the one being read; `where` is the line that named the next. */
interface Step {
	readonly path: string;
	readonly name: string;
	readonly where?: Where;
}

/** Reads a profile and all it extends. @throws UserError with the problems of all files at once. */
export async function readChain(ref: string, options: ChainOptions): Promise<Chain> {
	const reader = new ChainReader(options);
	await reader.read({ noun: "profile", ref, dirs: options.profileDirs, from: options.cwd, kind: "usage" }, []);
	if (reader.problems.length > 0) throw new UserError(reader.kind, reader.problems);
	return { sources: reader.sources, files: reader.files };
}

class ChainReader {
	readonly sources: Source[] = [];
	readonly files: string[] = [];
	readonly problems: Problem[] = [];
	kind: "usage" | "invalid" = "usage";
	readonly #options: ChainOptions;

	constructor(options: ChainOptions) {
		this.#options = options;
	}

	/** Depth first, parents before the profile itself: the linearised order is the order of being finished. */
	async read(wanted: Parameters<typeof findToml>[0], above: readonly Step[]): Promise<void> {
		const found = await this.#collect(async () => realpath(await findToml(wanted)));
		if (found === undefined) return;
		const step = { path: found, name: nameOf(found) };
		if (above.some(({ path }) => path === found)) {
			this.problems.push(cycle([...above, step]));
			return;
		}
		if (this.files.includes(found)) return;
		this.files.push(found);
		const document = await this.#collect(() => readToml(found, this.#options.cwd));
		if (document === undefined) return;
		await this.#parents(document, [...above, step]);
		this.#add(document);
	}

	/** Parents are followed even from a file with mistakes, so that all files' mistakes are shown at once. */
	async #parents(document: TomlDocument, above: readonly Step[]): Promise<void> {
		const refs = getAt(document.value, ["extends"]);
		for (const [index, ref] of (Array.isArray(refs) ? refs : []).entries()) {
			if (typeof ref !== "string") continue;
			const where = document.where(["extends", index]);
			const path = formatPath(["extends", index]);
			const wanted = { noun: "profile", ref, dirs: this.#options.profileDirs, from: dirname(document.path), where, path };
			await this.read(wanted, [...above.slice(0, -1), { ...above.at(-1)!, where }]);
		}
	}

	#add(document: TomlDocument): void {
		const checked = checkDocument(document, profileFile);
		if (checked.problems.length > 0) this.kind = "invalid";
		this.problems.push(...checked.problems);
		if ("value" in checked) this.sources.push(sourceOf(document, checked.value));
	}

	async #collect<T>(work: () => Promise<T>): Promise<T | undefined> {
		try {
			return await work();
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			if (error.kind === "invalid") this.kind = "invalid";
			this.problems.push(...error.problems);
			return undefined;
		}
	}
}

function sourceOf(document: TomlDocument, value: ProfileFile): Source {
	return { name: nameOf(document.path), kind: "file", dir: dirname(document.path), value, where: document.where };
}

function nameOf(file: string): string {
	return basename(file).replace(/\.toml$/, "");
}

/** `a (profiles/a.toml:2:12) → b (profiles/b.toml:2:12) → a`, from where the circle begins. */
function cycle(steps: readonly Step[]): Problem {
	const circle = steps.slice(steps.findIndex(({ path }) => path === steps.at(-1)!.path));
	const link = ({ name, where }: Step) => (where ? `${name} (${where.file}:${where.line}:${where.column})` : name);
	return {
		message: `extends goes in a circle: ${circle.map(link).join(" → ")}`,
		where: circle.at(-2)?.where,
		path: "extends",
		fix: "take one of these out of its file's extends",
	};
}
