import { readdir, readFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { run } from "../../../core/process/run.ts";
import { ROOT } from "./cli.ts";
import { SHARED_CACHE } from "./shared.ts";

/**
 * Texts that only this machine would put into an image: its folders, its name, the mirror and proxy that it uses.
 * Names that a distribution's own files have too ("vm", "localhost") say nothing and are left out.
 */
export async function tracesOfThisMachine(publicHosts: readonly string[]): Promise<string[]> {
	const home = homedir() === "/root" ? [] : [homedir()];
	const name = hostname().split(".")[0]!;
	const names = name.length >= 8 && name !== "localhost" ? [name] : [];
	const hosts = (await archiveHosts()).filter((host) => !publicHosts.includes(host));
	return [SHARED_CACHE, ROOT, ...home, ...names, ...hosts];
}

/** Hosts that packages came from or through. */
async function archiveHosts(): Promise<string[]> {
	const { stdout } = await run(["apt-config", "dump", "Acquire"], { doing: "asking for apt's proxies" });
	const texts = stdout.split("\n").filter((line) => /::Proxy/i.test(line));
	for (const world of await readdir(join(SHARED_CACHE, "apt"), { withFileTypes: true })) {
		if (!world.isDirectory()) continue;
		const sources = join(SHARED_CACHE, "apt", world.name, "sources.list.d");
		for (const name of await readdir(sources)) texts.push(await readFile(join(sources, name), "utf8"));
	}
	for (const [name, value] of Object.entries(process.env)) if (/^(https?|all)_proxy$/i.test(name)) texts.push(value ?? "");
	const found = texts.flatMap((text) => [...text.matchAll(/https?:\/\/(?:[^@/\s"]*@)?([^/:\s"]+)/g)].map(([, host]) => host!));
	// An address such as 127.0.0.1 or a name without dots is in many a file.
	return [...new Set(found)].filter((host) => /[a-z].*\./i.test(host));
}
