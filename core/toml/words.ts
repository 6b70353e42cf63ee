import type * as z from "zod";

const TYPES: Record<string, string> = {
	string: "text in quotes",
	number: "a number",
	int: "a whole number",
	boolean: "true or false",
	array: "a list",
	object: "a table",
	record: "a table",
};

/** What a schema wanted, to follow the word "expected". */
export function issueInWords(issue: z.core.$ZodIssue): string {
	switch (issue.code) {
		case "invalid_type":
			return TYPES[issue.expected] ?? issue.expected;
		case "invalid_value":
			return issue.values.map((value) => JSON.stringify(value)).join(" or ");
		case "invalid_union":
			return issue.errors.map((one) => (one[0] ? issueInWords(one[0]) : "something else")).join(" or ");
		case "invalid_format":
			return formatInWords(issue);
		case "invalid_key":
			return issue.issues[0] ? `${issueInWords(issue.issues[0])} as the name` : "another name";
		case "too_small":
			return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}${unitOf(issue.origin)}`;
		case "too_big":
			return `${issue.inclusive === false ? "less than" : "at most"} ${issue.maximum}${unitOf(issue.origin)}`;
		default:
			return lowerFirst(issue.message);
	}
}

/** Our schemas' own words where they have some (`a size such as 4GiB`), else the rule itself. */
function formatInWords(issue: z.core.$ZodIssueInvalidStringFormat): string {
	if (!issue.message.startsWith("Invalid")) return issue.message;
	if (issue.format === "starts_with") return `text that starts with "${(issue as z.core.$ZodIssueStringStartsWith).prefix}"`;
	return `text that matches ${issue.pattern}`;
}

function unitOf(origin: string): string {
	return { array: " item(s)", string: " character(s)" }[origin] ?? "";
}

/** What stands in the file, to follow the word "got". */
export function gotInWords(value: unknown): string {
	if (typeof value === "string") return value === "" ? "empty text" : `"${shorten(value)}"`;
	if (typeof value === "bigint") return "a number that is too large";
	if (typeof value === "number") return `the number ${value}`;
	if (typeof value === "boolean") return String(value);
	if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
	return value instanceof Date ? "a date" : "a table";
}

function shorten(text: string): string {
	const line = text.split("\n")[0]!;
	return line.length < text.length || line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

function lowerFirst(text: string): string {
	return text.charAt(0).toLowerCase() + text.slice(1);
}
