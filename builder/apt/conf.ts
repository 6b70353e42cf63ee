import { UserError } from "../../core/errors.ts";

/**
 * apt's configuration file: `Name "value";` a line; a name that ends in `::` appends to a list.
 * @throws UserError for what apt.conf(5) has no way to write: a quotation mark or a line's end in a value.
 */
export function aptConf(options: Readonly<Record<string, string>>): string {
	const entries = Object.entries(options);
	const bad = entries.filter(([name, value]) => /["\n]/.test(value) || !/^[^\s"{};]+$/.test(name));
	if (bad.length === 0) return entries.map(([name, value]) => `${name} "${value}";\n`).join("");
	throw new UserError(
		"invalid",
		bad.map(([name, value]) => ({
			message: `apt's configuration cannot hold ${name} = ${JSON.stringify(value)}`,
			fix: "a name without blanks, and a value without quotation marks and line ends",
		})),
	);
}
