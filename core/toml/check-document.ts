import type * as z from "zod";
import type { Problem } from "../errors.ts";
import { UserError } from "../errors.ts";
import { formatPath, getAt, type PathKey } from "./key-path.ts";
import { didYouMean } from "./nearest.ts";
import { jsonSchemaOf, nodeAt, type SchemaNode } from "./schema-keys.ts";
import type { Located } from "./toml-document.ts";
import { gotInWords, issueInWords } from "./words.ts";

/** What a check found: the typed value, or everything that is wrong with it. */
export type Checked<T> = { readonly value: T; readonly problems: readonly [] } | { readonly problems: readonly Problem[] };

/** Checks data against a schema; never throws for what a person wrote. */
export function checkDocument<S extends z.ZodType>(document: Located, schema: S): Checked<z.output<S>> {
	const result = schema.safeParse(document.value);
	if (result.success) return { value: result.data, problems: [] };
	const root = jsonSchemaOf(schema);
	const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document, root));
	return { problems: problems.sort(byPosition) };
}

/** As {@link checkDocument}. @throws UserError with all problems. */
export function mustCheck<S extends z.ZodType>(document: Located, schema: S): z.output<S> {
	const checked = checkDocument(document, schema);
	if ("value" in checked) return checked.value;
	throw new UserError("invalid", checked.problems);
}

function problemsOf(issue: z.core.$ZodIssue, document: Located, root: SchemaNode): Problem[] {
	const path = issue.path as PathKey[];
	if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(key, path, document, root));
	const value = getAt(document.value, path);
	if (value === undefined) return [missingKey(path, document, root)];
	const message = `expected ${issueInWords(issue)}, got ${gotInWords(value)}`;
	return [{ message, where: document.where(path), path: formatPath(path), fix: fixOf(issue, value) }];
}

function unknownKey(key: string, path: readonly PathKey[], document: Located, root: SchemaNode): Problem {
	const known = Object.keys(nodeAt(root, path)?.properties ?? {});
	const astray = path.length > 0 && root.properties?.[key] !== undefined;
	return {
		message: `unknown key "${key}"; known here: ${known.join(", ")}`,
		where: document.where([...path, key]),
		path: formatPath(path) || undefined,
		fix: astray ? `"${key}" belongs above the file's first [table]` : didYouMean(key, known),
	};
}

function missingKey(path: readonly PathKey[], document: Located, root: SchemaNode): Problem {
	const node = nodeAt(root, path);
	const key = path.at(-1);
	const description = node?.description ? `: ${node.description}` : "";
	return {
		message: `"${key}" is missing${description}`,
		where: document.where(path),
		path: formatPath(path.slice(0, -1)) || undefined,
		fix: missingFix(path, node),
	};
}

function missingFix(path: readonly PathKey[], node: SchemaNode | undefined): string | undefined {
	if (node?.const !== undefined) return `add the line: ${path.at(-1)} = ${JSON.stringify(node.const)}`;
	if (path[0] === "apt" && path.at(-1) === "key")
		return 'save the archive\'s public key beside the profile and write key = "NAME.asc"';
	return undefined;
}

function fixOf(issue: z.core.$ZodIssue, value: unknown): string | undefined {
	if (issue.code === "invalid_type" && issue.expected === "array" && typeof value === "string") return `write ["${value}"]`;
	if (issue.code === "invalid_value" && typeof value === "string") return didYouMean(value, issue.values.map(String));
	if (issue.code === "invalid_value" && issue.path.join() === "version") return "a newer ClusterOS may read this file";
	return undefined;
}

function byPosition(a: Problem, b: Problem): number {
	return (a.where?.line ?? 0) - (b.where?.line ?? 0) || (a.where?.column ?? 0) - (b.where?.column ?? 0);
}
