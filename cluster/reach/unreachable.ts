import { UserError } from "../../core/errors.ts";
import { quote } from "../../core/process/quote.ts";
import type { SshTarget } from "../../core/ssh/ssh.ts";

/** Why a node could not be asked. */
export type Obstacle = "off" | "refused" | "host-key" | "no-way" | "broken";

/** A node could not be asked: nothing was run there, or the connection broke while it ran (`broken`). */
export class Unreachable extends UserError {
	readonly node: string;
	readonly obstacle: Obstacle;
	/** Without the node's name: `nobody answers at …`. */
	readonly why: string;

	constructor(node: string, obstacle: Obstacle, why: string, fix?: string) {
		super("failed", { message: `${node} cannot be reached: ${why}`, fix });
		this.node = node;
		this.obstacle = obstacle;
		this.why = why;
	}
}

interface Asked {
	readonly node: string;
	readonly dir: string;
	readonly via: "qemu" | "ssh";
	readonly target: SshTarget;
}

/** What ssh's last words mean. ssh has one exit code for all of them, and its words are the same in every locale. */
const WORDS: readonly (readonly [RegExp, Obstacle])[] = [
	[/Host key verification failed|HOST IDENTIFICATION HAS CHANGED|No .* host key is known/, "host-key"],
	[/Permission denied|Too many authentication failures/, "refused"],
];

/** From what ssh said when it got no connection. */
export function unreachable(asked: Asked, said: readonly string[]): Unreachable {
	const text = said.join("\n");
	const obstacle = WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? "off";
	const { why, fix } = { off, refused, "host-key": hostKey }[obstacle as "off" | "refused" | "host-key"](asked, said);
	return new Unreachable(asked.node, obstacle, why, fix);
}

function off({ node, dir, via, target }: Asked, said: readonly string[]) {
	const place = `${target.host}:${target.port}`;
	const last = said.at(-1)?.trim() ?? "no answer";
	if (via === "qemu") {
		const fix = `it is off or still booting; see: clusteros logs ${quote(dir)} ${node} --serial`;
		return { why: `nobody answers at ${place} (${last})`, fix };
	}
	return { why: `nobody answers at ${place} (${last})`, fix: `is it switched on, and is \`reach\` in cluster.toml right?` };
}

function refused({ target }: Asked) {
	const why = `it does not let ${target.user} in with the cluster's key`;
	const fix = "its seed is older than secrets.toml, is another cluster's, or was not read: its console says which";
	return { why, fix };
}

function hostKey({ node, dir, target, via }: Asked) {
	const why = `its ssh host key is not the one in ${target.knownHosts}`;
	if (via === "qemu") return { why, fix: `what its console shows is believed: clusteros logs ${quote(dir)} ${node} --serial` };
	const fix = `if it was flashed again: clusteros readmit ${quote(dir)} ${node}\nif not, another machine answers in its place`;
	return { why, fix };
}
