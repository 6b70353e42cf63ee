import type { SeedCluster, SeedSecrets } from "../../core/contract/seed.ts";
import { readText } from "../files.ts";
import type { World } from "../world.ts";
import {
	atLeastOne,
	atLeastZero,
	bool,
	type Check,
	either,
	integer,
	list,
	matching,
	object,
	oneOf,
	optional,
	record,
	text,
} from "./check.ts";

export interface Seed {
	readonly cluster: SeedCluster;
	readonly secrets: SeedSecrets;
}

const uuid = matching("a UUID", /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const name = matching("a node's name", /^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$/);
const ipv4 = matching("an IPv4 address", /^\d{1,3}(\.\d{1,3}){3}$/);
const base64 = matching("base64", /^[A-Za-z0-9+/]+={0,2}$/);

const CLUSTER: Check = object({
	version: oneOf(1),
	id: uuid,
	name: text,
	generation: atLeastOne,
	self: optional(name),
	join: oneOf("open", "approve"),
	mesh: object({ network: matching("a network such as 10.90.0.0/16", /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/), port: integer }),
	meet: list(text),
	ntp: list(text),
	nodes: list(
		object({
			name,
			roles: list(oneOf("controller", "worker"), 1),
			mac: optional(text),
			serial: optional(text),
			mesh: ipv4,
			labels: optional(record(text)),
		}),
	),
	controllers: list(object({ name, key: matching("32 bytes in base64", /^[A-Za-z0-9+/]{43}=$/) }), 1),
	slurm: object({
		partitions: list(object({ name: text, nodes: either(oneOf("all"), list(text)), default: bool, max_time: optional(text) })),
		accounting: bool,
		extra: text,
		cgroup: text,
		gres: text,
	}),
	k3s: optional(object({ config: text, registries: text, memory: text, cpus: either(atLeastZero, text) })),
	slow: atLeastOne,
});

const SECRETS: Check = object({
	version: oneOf(1),
	cluster: uuid,
	keys: list(object({ purpose: oneOf("serf", "munge", "announce", "dbd"), generation: atLeastOne, key: base64 })),
	identity: optional(base64),
	k3s: optional(
		object({
			token: text,
			server: bool,
			agent_token: optional(text),
			ca_cert: optional(text),
			ca_key: optional(text),
			// They become files' names.
			manifests: optional(list(object({ name: matching("a file's name", /^[A-Za-z0-9][A-Za-z0-9._-]*$/), content: text }))),
		}),
	),
});

const FIX = "make the seed anew: clusteros seed";

/** `cluster.json` in a folder; undefined when there is none. @throws with every problem, and never a value of the file. */
export function readCluster(world: World, dir: string): SeedCluster | undefined {
	return readJson(world, `${dir}/cluster.json`, CLUSTER) as SeedCluster | undefined;
}

/** `secrets.json` in a folder; undefined when there is none, or its secrets have been taken out. @throws as {@link readCluster}. */
export function readSecrets(world: World, dir: string): SeedSecrets | undefined {
	const path = `${dir}/secrets.json`;
	const content = readText(world, path);
	return content === undefined || isScrubbed(content) ? undefined : checkSecrets(content, path);
}

/** The secrets in a text. @throws when they are not as the contract has them; `from` says where they came from. */
export function checkSecrets(content: string, from: string): SeedSecrets {
	return checked(content, from, SECRETS) as SeedSecrets;
}

/** What stands in a file in place of a secret of the same length. */
export const SCRUBBED_WITH = "*";

function isScrubbed(content: string): boolean {
	return /"key"\s*:\s*"\*+"/.test(content);
}

function readJson(world: World, path: string, check: Check): unknown {
	const content = readText(world, path);
	return content === undefined ? undefined : checked(content, path, check);
}

function checked(content: string, path: string, check: Check): unknown {
	const value = parse(content, path);
	const problems = check(value, "");
	if (problems.length > 0) throw new Error(`${path}: ${problems.join("; ")}; ${FIX}`);
	return value;
}

/** The parser's own message quotes the text, which may be a secret: only the place is told. */
function parse(content: string, path: string): unknown {
	try {
		return JSON.parse(content);
	} catch (error) {
		const place = /position \d+|end of JSON input/i.exec((error as Error).message)?.[0];
		throw new Error(`${path}: not JSON${place ? ` (${place})` : ""}; ${FIX}`);
	}
}
