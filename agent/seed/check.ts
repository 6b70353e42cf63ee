/** What is wrong with a value, one line each; nothing when it is right. `path` names it. By hand: zod would triple the agent. */
export type Check = (value: unknown, path: string) => string[];

function is(what: string, good: (value: unknown) => boolean): Check {
	return (value, path) => (good(value) ? [] : [`${path}: want ${what}, found ${found(value)}`]);
}

/** Short, and never a secret: text is told by its length alone. */
function found(value: unknown): string {
	if (value === undefined) return "nothing";
	if (typeof value === "string") return value === "" ? "an empty text" : `a text of ${value.length} characters`;
	return typeof value === "number"
		? String(value)
		: Array.isArray(value)
			? "a list"
			: `a ${value === null ? "null" : typeof value}`;
}

export const text = is("a text", (value) => typeof value === "string");
export const integer = is("a whole number", (value) => Number.isSafeInteger(value));
export const atLeastOne = is("a number of at least 1", (value) => typeof value === "number" && value >= 1);
export const atLeastZero = is("a number of at least 0", (value) => typeof value === "number" && value >= 0);
export const bool = is("true or false", (value) => typeof value === "boolean");

export function matching(what: string, pattern: RegExp): Check {
	return is(what, (value) => typeof value === "string" && pattern.test(value));
}

export function oneOf(...values: readonly unknown[]): Check {
	return is(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value));
}

export function optional(check: Check): Check {
	return (value, path) => (value === undefined ? [] : check(value, path));
}

export function list(check: Check, least = 0): Check {
	const long = is(`a list of ${least} or more`, (value) => Array.isArray(value) && value.length >= least);
	return (value, path) => {
		const problems = long(value, path);
		return problems.length > 0 ? problems : (value as unknown[]).flatMap((item, i) => check(item, `${path}[${i}]`));
	};
}

/** An object whose values all are as `check` wants them. */
export function record(check: Check): Check {
	const plain = object({});
	return (value, path) => {
		const problems = plain(value, path);
		if (problems.length > 0) return problems;
		return Object.entries(value as object).flatMap(([key, one]) => check(one, `${path}.${key}`));
	};
}

/** Keys that are not named are a newer program's: no reason to keep a node from its cluster. */
export function object(checks: Readonly<Record<string, Check>>): Check {
	const plain = is("an object", (value) => typeof value === "object" && value !== null && !Array.isArray(value));
	return (value, path) => {
		const problems = plain(value, path);
		if (problems.length > 0) return problems;
		const under = path === "" ? "" : `${path}.`;
		return Object.entries(checks).flatMap(([key, check]) => check((value as Record<string, unknown>)[key], under + key));
	};
}

/** At least one of them holds. */
export function either(...checks: readonly Check[]): Check {
	return (value, path) => {
		const all = checks.map((check) => check(value, path));
		return all.some((problems) => problems.length === 0) ? [] : all[0]!;
	};
}
