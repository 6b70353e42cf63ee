import type { Agent } from "./agent.ts";
import { writeLine } from "./console.ts";
import { keepFile, readText } from "./files.ts";
import { HOST_KEY_SAID, SSH_HOST_KEY } from "./paths.ts";

/**
 * Once per boot and name, `clusteros-hostkey <name> ssh-ed25519 AAAA…` on the console: a way to ssh's host key that no network
 * can forge.
 */
export function sayHostKey({ world, name }: Agent): void {
	const [kind, key] = readText(world, SSH_HOST_KEY)?.trim().split(" ") ?? [];
	const line = `clusteros-hostkey ${name} ${kind} ${key}`;
	if (kind === undefined || key === undefined || readText(world, HOST_KEY_SAID) === line) return;
	writeLine(world, line);
	keepFile(world, { path: HOST_KEY_SAID, content: line, mode: 0o644 });
}
