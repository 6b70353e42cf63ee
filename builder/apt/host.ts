import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Json, StepRecord } from "../../core/contract/plan.ts";
import { InternalError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import type { ArchiveSources } from "./archives.ts";

/** What this machine's own apt is set up with. */

export interface HostRelease {
	readonly distribution: string;
	readonly codename: string;
}

/** ID and VERSION_CODENAME of /etc/os-release. */
export async function hostRelease(file = "/etc/os-release"): Promise<HostRelease> {
	const text = await readFile(file, "utf8").catch(() => "");
	const value = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, "m").exec(text)?.[1] ?? "";
	return { distribution: value("ID"), codename: value("VERSION_CODENAME") };
}

/** One `deb` line as apt itself understands it. */
export interface IndexTarget {
	readonly uri: string;
	readonly suite: string;
	readonly component: string;
}

/** The host's sources, read by apt (which knows both formats and its own defaults). Empty where there is no apt. */
export async function hostTargets(): Promise<IndexTarget[]> {
	const argv = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"];
	const { stdout } = await run(argv, { doing: "reading this machine's apt sources", ok: [0, 100] }).catch(() => ({ stdout: "" }));
	return stdout
		.split("\n")
		.filter(Boolean)
		.map((line) => line.split(" "))
		.map(([uri, suite, component]) => ({ uri: uri!.replace(/\/+$/, ""), suite: suite!, component: component! }));
}

/**
 * The address that serves an archive of the host's own family: an entry of the host's own release with component main.
 * Third-party entries name other components or suites.
 */
export function hostArchive(targets: readonly IndexTarget[], release: HostRelease, archive: string): string | undefined {
	const suites = archive === "security" ? [`${release.codename}-security`] : [release.codename, `${release.codename}-updates`];
	return targets.find((t) => suites.includes(t.suite) && t.component === "main" && t.uri.includes(release.distribution))?.uri;
}

/** Keeps an answer under its question: asking apt or mmdebstrap takes half a second. */
export type Memo = <T extends Json>(name: string, question: StepRecord, make: () => Promise<T>) => Promise<T>;

/** Archives as the host knows them; mmdebstrap's defaults otherwise. */
export function hostSources(family: string, memo: Memo): ArchiveSources {
	return {
		host: async (archive) => {
			const release = await hostRelease();
			if (release.distribution !== family) return undefined;
			const targets = await memo("host sources", await hostAptState(), async () =>
				(await hostTargets()).map((target) => ({ ...target })),
			);
			return hostArchive(targets, release, archive);
		},
		standard: (suite) => memo("default mirror", { suite }, () => defaultMirror(suite)),
	};
}

/** Names, sizes and times of the host's apt settings: what apt says of its sources holds while these do. */
async function hostAptState(): Promise<StepRecord> {
	const dirs = ["/etc/apt", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d"];
	const names = await Promise.all(dirs.map(async (dir) => (await readdir(dir).catch(() => [])).map((name) => join(dir, name))));
	const files = await Promise.all(names.flat().map(async (file) => [file, await stat(file)] as const));
	return Object.fromEntries(files.map(([file, { size, mtimeMs }]) => [file, `${size} ${mtimeMs}`]));
}

/** mmdebstrap's default mirror for a suite, asked of mmdebstrap itself: it sets up a tree's sources and stops there. */
export async function defaultMirror(suite: string): Promise<string> {
	const dir = await mkdtemp(join(tmpdir(), "clusteros-mirror-"));
	const release = suite.replace(/-security$/, "");
	const skip = "--skip=check/empty,update,download,cleanup";
	try {
		const argv = ["mmdebstrap", "--mode=chrootless", "--variant=custom", skip, release, dir];
		await run(argv, { doing: "asking mmdebstrap for its default mirror" });
		const lines = (await readFile(join(dir, "etc/apt/sources.list"), "utf8"))
			.split("\n")
			.map((line) => line.replace(/\[[^\]]*\] /, "").split(" "));
		const uri = lines.find(([type, , name]) => type === "deb" && name === suite)?.[1];
		if (!uri) throw new InternalError(`mmdebstrap names no mirror for ${suite}`);
		return uri.replace(/\/+$/, "");
	} finally {
		await rm(dir, { recursive: true, force: true });
	}
}
