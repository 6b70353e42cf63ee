import { type Problem, UserError } from "../../core/errors.ts";
import { parseAddress } from "../../core/node/addresses.ts";
import { isNodeName } from "../../core/node/announcement.ts";
import { didYouMean } from "../../core/toml/nearest.ts";
import type { NewNode } from "./draft-text.ts";

/** `nodes.csv`: a header, then one machine a line. Spreadsheets' habits are taken as they come: `;`, quotes, capitals, empty lines. */

const COLUMNS = ["name", "mac", "serial", "roles", "address"] as const;
const ROLES = ["controller", "worker"];

type Row = Readonly<Partial<Record<(typeof COLUMNS)[number], string>>>;

/** The nodes of a CSV file. @throws UserError with all that is wrong, each with file:line. */
export function readNodesCsv(text: string, file: string): NewNode[] {
	const lines = text.split(/\r\n|\n|\r/).map((line, index) => ({ line, number: index + 1 }));
	const [header, ...rows] = lines.filter(({ line }) => line.replaceAll(/[,;\s]/g, "") !== "");
	if (header === undefined) throw new UserError("invalid", { message: "no node is in it", where: { file }, fix: EXAMPLE });
	const separator = [",", ";", "\t"].find((one) => header.line.includes(one)) ?? ",";
	const names = cells(header.line, separator).map((name) => name.toLowerCase());
	const problems: Problem[] = headerProblems(names, { file, line: header.number });
	const nodes = problems.length > 0 ? [] : rows.flatMap((row) => nodeIn(row, names, separator, file, problems));
	problems.push(...wholeProblems(nodes, file, problems.length > 0));
	if (problems.length > 0) throw new UserError("invalid", problems);
	return nodes.map(({ line: _, ...node }) => node);
}

const EXAMPLE =
	"its first line names the columns: name,mac,roles,address\nthen such as: c1,52:54:00:12:34:56,controller+worker,192.168.1.10/24";

interface Placed extends NewNode {
	readonly line: number;
}

function headerProblems(names: readonly string[], where: Problem["where"]): Problem[] {
	const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name));
	const known = `known are: ${COLUMNS.join(", ")}`;
	const problems = unknown.map((name) => ({
		message: `unknown column "${name}"`,
		where,
		fix: didYouMean(name, COLUMNS) ?? known,
	}));
	if (unknown.length === 0 && !names.includes("name")) return [{ message: 'there is no column "name"', where, fix: EXAMPLE }];
	return problems;
}

function nodeIn(
	{ line, number }: { readonly line: string; readonly number: number },
	names: readonly string[],
	separator: string,
	file: string,
	problems: Problem[],
): Placed[] {
	const where = { file, line: number };
	const values = cells(line, separator);
	if (values.length > names.length) {
		problems.push({ message: `${values.length} values, but ${names.length} columns`, where });
		return [];
	}
	const filled = names.map((name, index) => [name, values[index] ?? ""] as const).filter(([, value]) => value !== "");
	const row: Row = Object.fromEntries(filled);
	const refuse = (message: string, fix?: string) => problems.push({ message, where, fix });
	const mac = row.mac === undefined ? undefined : macIn(row.mac);
	if (row.mac !== undefined && mac === undefined) refuse(`"${row.mac}" is no MAC address`, "such as 52:54:00:12:34:56");
	const name = (row.name ?? "").toLowerCase();
	if (!isNodeName(name)) refuse(`"${name}" cannot be a node's name`, "lower-case letters, digits and dashes, at most 32");
	const roles = (row.roles ?? "worker").toLowerCase().split(/[+|/ ]+/);
	for (const role of roles.filter((one) => !ROLES.includes(one))) {
		refuse(`"${role}" is no role`, didYouMean(role, ROLES) ?? "controller, worker or controller+worker");
	}
	const [host, prefix] = row.address?.split("/") ?? [];
	const isAddress = row.address === undefined || (parseAddress(host!) !== undefined && isPrefix(prefix));
	if (!isAddress) refuse(`"${row.address}" is no IPv4 address`, "such as 192.168.1.11/24, or 192.168.1.11 when DHCP gives it");
	return [{ name, roles, mac, serial: row.serial, lan: prefix === undefined ? undefined : row.address, host, line: number }];
}

/** What can only be said of all rows together. */
function wholeProblems(nodes: readonly Placed[], file: string, isBroken: boolean): Problem[] {
	const problems: Problem[] = [];
	for (const key of ["name", "mac", "serial", "host"] as const) {
		for (const [index, node] of nodes.entries()) {
			const first = nodes.findIndex((one) => one[key] !== undefined && one[key] === node[key]);
			if (first === -1 || first >= index) continue;
			const message = `${key === "host" ? "address" : key} ${node[key]} is there twice: also in line ${nodes[first]!.line}`;
			problems.push({ message, where: { file, line: node.line } });
		}
	}
	const hasController = nodes.some(({ roles }) => roles.includes("controller"));
	if (isBroken || hasController) return problems;
	if (nodes.length === 0) return [{ message: "no node is in it", where: { file }, fix: EXAMPLE }];
	const fix = "write controller+worker in the column roles of one node";
	return [...problems, { message: "no node is a controller", where: { file }, fix }];
}

function cells(line: string, separator: string): string[] {
	const cell = new RegExp(`(?:^|${separator})(?:\\s*"((?:[^"]|"")*)"\\s*|([^${separator}]*))`, "g");
	return [...line.matchAll(cell)].map(([, quoted, plain]) => (quoted?.replaceAll('""', '"') ?? plain ?? "").trim());
}

/** `52-54-00-12-34-56` and `5254.0012.3456` are ways to write one as well. */
function macIn(text: string): string | undefined {
	const digits = text.toLowerCase().replaceAll(/[:.-]/g, "");
	return /^[0-9a-f]{12}$/.test(digits) ? digits.match(/../g)!.join(":") : undefined;
}

function isPrefix(text: string | undefined): boolean {
	return text === undefined || (/^[0-9]{1,2}$/.test(text) && Number(text) <= 32);
}
