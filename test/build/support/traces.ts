import { readdir, readFile } from "node:fs/promises";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { run } from "../../../core/process/run.ts";
import { ROOT } from "./cli.ts";
import { SHARED_CACHE } from "./shared.ts";

/**
 * Texts that only this machine would put into an image: its folders, its name, the mirror and proxy that it uses.
 * Names that a distribution's own files have too ("vm", "localhost") say nothing and are left out, and so do the
 * public archives: those of the image's own base, and those that any base names (the cache may know them all).
 */
export async function tracesOfThisMachine(publicHosts: readonly string[]): Promise<string[]> {
	const home = homedir() === "/root" ? [] : [homedir()];
	const name = hostname().split(".")[0]!;
	const names = name.length >= 8 && name !== "localhost" ? [name] : [];
	const known = new Set([...publicHosts, ...(await hostsOfBases())]);
	const hosts = (await archiveHosts()).filter((host) => !known.has(host));
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
	// An address such as 127.0.0.1 or a name without dots is in many a file.
	return [...new Set(texts.flatMap(hostsIn))].filter((host) => /[a-z].*\./i.test(host));
}

/** Hosts of the archives that `profiles/bases` name: everyone's, and in many a file of a distribution. */
async function hostsOfBases(): Promise<string[]> {
	const bases = join(ROOT, "profiles/bases");
	const names = (await readdir(bases)).filter((name) => name.endsWith(".toml"));
	return (await Promise.all(names.map((name) => readFile(join(bases, name), "utf8")))).flatMap(hostsIn);
}

function hostsIn(text: string): string[] {
	return [...text.matchAll(/https?:\/\/(?:[^@/\s"]*@)?([^/:\s"]+)/g)].map(([, host]) => host!);
}
