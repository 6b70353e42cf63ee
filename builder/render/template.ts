import type Handlebars from "handlebars";
import type { Problem } from "../../core/errors.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import { type UsedName, usedNames } from "./template-paths.ts";

type Engine = typeof Handlebars;

/** Renders one text, or says all that is wrong with it. `file` is only for the messages. */
export type Render = (
	text: string,
	file: string,
	scope: object,
) => { readonly text: string } | { readonly problems: readonly Problem[] };

/** Handlebars of our own: strict, no HTML escaping, one more helper. Loaded only when something is to be rendered. */
export async function makeRenderer(): Promise<Render> {
	const { default: library } = await import("handlebars");
	const engine = library.create();
	engine.registerHelper("shell", shellWord);
	return (text, file, scope) => render(engine, text, file, scope);
}

/** A value as one word of a shell script or of a file that is read like one, such as /etc/default/grub. */
function shellWord(value: unknown): string {
	return `'${String(value).replaceAll("'", `'\\''`)}'`;
}

function render(engine: Engine, text: string, file: string, scope: object): ReturnType<Render> {
	let ast: unknown;
	try {
		ast = engine.parse(text);
	} catch (error) {
		return { problems: [syntaxProblem(error as Error, file)] };
	}
	const problems = usedNames(ast).flatMap((used) => nameProblem(engine, used, file, scope));
	if (problems.length > 0) return { problems };
	try {
		return { text: engine.compile(ast, { strict: true, noEscape: true })(scope) };
	} catch (error) {
		return { problems: [runProblem(error as LocatedError, file)] };
	}
}

function nameProblem(engine: Engine, used: UsedName, file: string, scope: object): Problem[] {
	const where = { file, line: used.line, column: used.column };
	if (used.kind === "helper") {
		const helpers = Object.keys(engine.helpers).filter((name) => !/missing/i.test(name));
		if (helpers.includes(used.name)) return [];
		return [{ message: `template uses an unknown helper "${used.name}"`, where, fix: fixOf(used.name, helpers, "helpers") }];
	}
	if (isDefined(scope, used.parts)) return [];
	const fix = fixOf(used.name, variables(scope), "variables");
	return [{ message: `template uses an undefined variable "${used.name}"`, where, path: used.name, fix }];
}

function fixOf(name: string, known: readonly string[], what: string): string {
	if (name.startsWith("settings.")) {
		const near = didYouMean(name, known);
		return `${near ? `${near} or ` : ""}define it in the profile's [settings]`;
	}
	return didYouMean(name, known) ?? `${what} here: ${known.join(", ")}`;
}

function isDefined(scope: object, parts: readonly string[]): boolean {
	let at: unknown = scope;
	for (const part of parts) {
		if (typeof at !== "object" || at === null || !Object.hasOwn(at, part)) return false;
		at = (at as Record<string, unknown>)[part];
	}
	return at !== undefined;
}

/** Dotted names of all values: `console.speed`. */
function variables(scope: object, prefix = ""): string[] {
	return Object.entries(scope).flatMap(([name, value]) =>
		typeof value === "object" && value !== null && !Array.isArray(value)
			? variables(value as object, `${prefix}${name}.`)
			: value === undefined
				? []
				: [prefix + name],
	);
}

/** Handlebars' own exceptions know their place; those of its parser only say the line in their text. */
interface LocatedError extends Error {
	readonly lineNumber?: number;
	readonly column?: number;
}

function syntaxProblem(error: LocatedError, file: string): Problem {
	const line = error.lineNumber ?? Number(/on line (\d+)/.exec(error.message)?.[1] ?? 1);
	// The parser's text: a headline, the line itself, an arrow, and what it expected.
	const said = error.message.split("\n");
	const raw = (said.length > 3 ? said[3]! : said[0]!).replace(/ - \d+:\d+$/, "");
	const reason = raw.endsWith("got 'EOF'") ? "a {{#block}} is never closed" : raw;
	return {
		message: `template syntax error: ${reason}`,
		where: at(file, line, error.column),
		fix: "see docs/overlays.md for what templates can do",
	};
}

function runProblem(error: LocatedError, file: string): Problem {
	const name = /^"(.*)" not defined in /.exec(error.message)?.[1];
	const message = name === undefined ? error.message.replace(/ - \d+:\d+$/, "") : `template uses an undefined variable "${name}"`;
	return { message, where: at(file, error.lineNumber ?? 1, error.column) };
}

function at(file: string, line: number, column: number | undefined): Problem["where"] {
	return column === undefined ? { file, line } : { file, line, column: column + 1 };
}
