import { mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { may } from "../../core/access.ts";
import { ToolError, UserError } from "../../core/errors.ts";
import { pipe } from "../../core/ssh/pipe.ts";
import { sshArgv } from "../../core/ssh/ssh.ts";
import { forEach } from "../reach/each.ts";
import { asUser } from "../reach/link.ts";
import type { Link, Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";
import type { CopyPlan } from "./copy-plan.ts";

export interface CopyOptions {
	/** The user who reads or writes on the nodes, where it is not the one who logs in. */
	readonly as?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

export interface Copied {
	readonly name: string;
	/** On this machine or on the node. */
	readonly target: string;
	readonly problem?: string | undefined;
	readonly fix?: string | undefined;
}

/**
 * Copies files and folders to nodes or from them, with their modes and times, to all of them at once. Like cp: into the
 * target when it is a folder, else under its name, and then never seen half-made. From several nodes: into TARGET/NODE.
 * @throws UserError when a source here is missing; Interrupted. What fails on a node is in the answer.
 */
export async function copy(reached: Reached, plan: CopyPlan, options: CopyOptions): Promise<Copied[]> {
	const nodes = reached.select(plan.nodes);
	if (plan.way === "to") {
		await mustExist(plan.sources);
		return forEach(nodes, (node) => orProblem(node, plan.target, () => send(reached.link(node.name), plan, options)));
	}
	const targets = nodes.map(({ name }) => (nodes.length === 1 ? plan.target : join(plan.target, name)));
	return forEach(nodes, async (node, index) => {
		const target = targets[index]!;
		return orProblem(node, target, () => fetch(reached.link(node.name), plan, target, nodes.length > 1, options));
	});
}

async function orProblem({ name }: ReachedNode, target: string, work: () => Promise<void>): Promise<Copied> {
	try {
		await work();
		return { name, target };
	} catch (error) {
		if (error instanceof Unreachable) return { name, target, problem: error.message, fix: error.problems[0]!.fix };
		if (error instanceof UserError) return { name, target, problem: error.message };
		if (error instanceof ToolError) return { name, target, problem: reasonIn(error) };
		throw error;
	}
}

/** tar's own last line only says that there was an error. */
function reasonIn({ failure, message }: ToolError): string {
	const lines = failure.tail.filter((line) => line.trim() !== "" && !/^tar: (Exiting|Error is not recoverable)/.test(line));
	return lines.at(-1) ?? message;
}

async function mustExist(sources: readonly string[]): Promise<void> {
	const found = await Promise.all(sources.map((source) => may(source)));
	const missing = sources.filter((_, index) => !found[index]);
	if (missing.length === 0) return;
	throw new UserError(
		"usage",
		missing.map((source) => ({ message: `no such file or folder here: ${source}` })),
	);
}

/** Makes tar read each path by its last name only. A file that grows meanwhile (tar's exit code 1) is no failure: logs do. */
const PACK = `for path; do
	shift
	folder=$(cd -- "$(dirname -- "$path")" && pwd) || exit 2
	set -- "$@" -C "$folder" "./$(basename -- "$path")"
done
tar -cf - "$@" || [ $? = 1 ]`;
const packing = (paths: readonly string[]) => ["sh", "-c", PACK, "sh", ...paths];

/** Owners stay behind: a number here is somebody else there. */
const UNPACK = ["tar", "--no-same-owner", "-xf", "-"];

/** `$1` the target, `$2` the name of the only source, or nothing when there are several. Unpacked beside the target, then put in its place. */
const RECEIVE = `set -e
case "$1" in */) mkdir -p -- "$1";; esac
if [ -d "$1" ]; then exec ${UNPACK.join(" ")} -C "$1"; fi
if [ -z "$2" ]; then echo "$1 is not a folder" >&2; exit 1; fi
new=$(mktemp -d -- "$(dirname -- "$1")/.clusteros-XXXXXX")
trap 'rm -rf -- "$new"' EXIT
${UNPACK.join(" ")} -C "$new"
mv -fT -- "$new/$2" "$1"`;

async function send(link: Link, { sources, target }: CopyPlan, { as, signal }: CopyOptions): Promise<void> {
	const paths = sources.map((source) => resolve(source));
	const name = paths.length === 1 ? basename(paths[0]!) : "";
	const receive = asUser(["sh", "-c", RECEIVE, "sh", target, name], as, link.target.user);
	// Asked first: the shared connection is made, and who cannot be reached is told apart from what tar says.
	await link.run(["true"], { signal });
	await pipe(packing(paths), sshArgv(link.target, receive), { doing: `copying to ${link.name}`, signal });
}

async function fetch(link: Link, plan: CopyPlan, target: string, isFolder: boolean, options: CopyOptions): Promise<void> {
	const { as, signal } = options;
	const doing = `copying from ${link.name}`;
	await link.run(["true"], { signal });
	const sender = sshArgv(link.target, asUser(packing(plan.sources), as, link.target.user));
	if (isFolder || target.endsWith("/")) await mkdir(target, { recursive: true });
	const into = await stat(target).then(
		(found) => found.isDirectory(),
		() => false,
	);
	if (into) return pipe(sender, [...UNPACK, "-C", target], { doing, signal });
	if (plan.sources.length > 1) throw new UserError("usage", { message: `${target} is not a folder` });
	const beside = await mkdtemp(join(dirname(resolve(target)), ".clusteros-"));
	try {
		await pipe(sender, [...UNPACK, "-C", beside], { doing, signal });
		await rename(join(beside, basename(plan.sources[0]!)), target);
	} finally {
		await rm(beside, { recursive: true, force: true });
	}
}
