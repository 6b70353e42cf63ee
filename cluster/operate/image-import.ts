import { randomBytes } from "node:crypto";
import { ToolError } from "../../core/errors.ts";
import { K3S_AGENT } from "../../core/node/k3s-paths.ts";
import { pipe } from "../../core/ssh/pipe.ts";
import { sshArgv } from "../../core/ssh/ssh.ts";
import { forEach } from "../reach/each.ts";
import { asUser } from "../reach/link.ts";
import type { Link, Reached, ReachedNode } from "../reach/types.ts";
import { Unreachable } from "../reach/unreachable.ts";
import type { ImageFile } from "./image-file.ts";

/** What came of one node. */
export interface Imported {
	readonly name: string;
	/** `imported`: pods can take the images; `kept`: k3s does not run there, and takes them in when it starts. */
	readonly outcome?: "imported" | "kept" | undefined;
	readonly problem?: string | undefined;
	readonly fix?: string | undefined;
}

/** Told of each node as its work goes on. */
export interface ImportWatcher {
	started?(node: string): void;
	/** Bytes of the file that are under way or there. */
	sent?(node: string, bytes: number): void;
	importing?(node: string): void;
	ended?(result: Imported): void;
}

export interface ImportOptions {
	readonly watcher?: ImportWatcher;
	readonly signal?: AbortSignal | undefined;
	/** As k3s has it, if left out. */
	readonly place?: Place;
}

/** Nodes at once: they share this machine's network. */
const AT_ONCE = 8;
/** Seconds on metal for a node to say how it stands. */
const PATIENCE = 20;

/** Where things are on a node; absolute, and without anything that a shell minds. */
export interface Place {
	readonly agent: string;
	readonly socket: string;
	readonly bin: string;
}

const K3S: Place = { agent: K3S_AGENT, socket: "/run/k3s/containerd/containerd.sock", bin: "/usr/local/bin" };

/** uname's words for Go's. */
const MACHINES: Readonly<Record<string, string>> = { x86_64: "amd64", aarch64: "arm64" };

/** What is left of an import that was killed is removed after an hour. k3s takes in what lies in images/ when it starts. */
const check = ({ agent, bin }: Place) => `set -e
if ! [ -x ${bin}/k3s ]; then echo no-k3s; exit; fi
mkdir -p ${agent}/images
find ${agent} -maxdepth 1 -name '.import-*' -mmin +60 -delete
uname -m
df --output=avail -B1 ${agent} | tail -n 1`;

/** Beside images/, in which k3s takes what it finds at once. */
const receive = ({ agent }: Place) => `umask 077; cat > "${agent}/$1"`;

/** `$1` what was received, `$2` its size, `$3` its name from now on. Kept only when it could be imported; k3s sees the new file and pins its images. */
const take = ({ agent, socket, bin }: Place) => `set -e
cd ${agent}
trap 'rm -f -- "$1"' EXIT
if [ "$(stat -c %s -- "$1")" != "$2" ]; then echo "only a part of the file has arrived" >&2; exit 1; fi
outcome=kept
if [ -S ${socket} ]; then
	${bin}/ctr --address ${socket} --namespace k8s.io images import "$1" >&2
	outcome=imported
fi
mv -f -- "$1" "images/$3"
echo $outcome`;

/**
 * Brings the images of a file to nodes, several at once: for pods now, and kept for later starts of k3s. What fails on one
 * node is in the answer and does not stop the others. @throws Interrupted.
 */
export async function importImages(
	reached: Reached,
	nodes: readonly ReachedNode[],
	file: ImageFile,
	{ watcher = {}, signal, place = K3S }: ImportOptions = {},
): Promise<Imported[]> {
	const timeout = PATIENCE * 1000 * reached.slow;
	return forEach(
		nodes,
		async ({ name }) => {
			watcher.started?.(name);
			const result = await orProblem(name, () => importOn(reached.link(name), file, { watcher, signal, place, timeout }));
			watcher.ended?.(result);
			return result;
		},
		AT_ONCE,
	);
}

interface Common extends Required<ImportOptions> {
	/** Milliseconds for what does not grow with the file. */
	readonly timeout: number;
}

async function importOn(link: Link, file: ImageFile, { watcher, signal, place, timeout }: Common): Promise<Imported> {
	const { name } = link;
	const checked = await link.run(["sh", "-c", check(place)], { as: "root", timeout, signal, doing: `looking at ${name}` });
	const refused = refusal(name, file, place.agent, checked.stdout);
	if (refused) return refused;
	const part = `.import-${randomBytes(6).toString("hex")}`;
	const receiver = asUser(["sh", "-c", receive(place), "sh", part], "root", link.target.user);
	const onBytes = (bytes: number) => watcher.sent?.(name, bytes);
	const doing = `copying to ${name}`;
	await pipe(["cat", "--", file.path], sshArgv(link.target, receiver), { doing, signal, onBytes });
	watcher.importing?.(name);
	const argv = ["sh", "-c", take(place), "sh", part, String(file.size), file.name];
	const { stdout } = await link.run(argv, { as: "root", signal, doing: `importing on ${name}` });
	return { name, outcome: stdout.trim() === "kept" ? "kept" : "imported" };
}

/** Why the node is not to get the file. */
function refusal(name: string, { size, unpacked, architectures }: ImageFile, agent: string, said: string): Imported | undefined {
	const [machine = "", free = ""] = said.trim().split("\n");
	if (machine === "no-k3s")
		return { name, problem: "no k3s in its image", fix: "build one of a profile with k3s, such as hybrid" };
	const own = MACHINES[machine] ?? machine;
	if (architectures.length > 0 && !architectures.includes(own))
		return { name, problem: `the images are for ${architectures.join(", ")}, the node is ${own}` };
	// The file, its layers in containerd's store, and unpacked once more for containers.
	const needed = size + 2 * unpacked;
	if (Number(free) >= needed) return undefined;
	const problem = `not enough space in ${agent}: about ${mb(needed)} needed, ${mb(Number(free))} free`;
	return { name, problem, fix: "remove what is not used any more: crictl rmi --prune there, or files in images/ below that" };
}

function mb(bytes: number): string {
	return `${Math.round(bytes / 1e6)} MB`;
}

async function orProblem(name: string, work: () => Promise<Imported>): Promise<Imported> {
	try {
		return await work();
	} catch (error) {
		if (error instanceof Unreachable) return { name, problem: error.why, fix: error.problems[0]!.fix };
		if (error instanceof ToolError) return { name, problem: error.failure.tail.at(-1)?.trim() || error.message };
		throw error;
	}
}
