import { existsSync } from "node:fs";
import { run, toolPath } from "../../core/process/run.ts";
import { find } from "./find.ts";
import type { Finding } from "./finding.ts";
import { installLine } from "./install.ts";
import type { Need } from "./needs.ts";

/** How programs are looked for; replaced in tests. */
export interface Lookup {
	readonly path: string;
	readonly isRoot: boolean;
	/** Read every version, not only those that have a minimum: `doctor` shows them, a build has no time for it. */
	readonly allVersions: boolean;
}

/** Looks for one need: is it there, and new enough? */
export async function checkNeed(need: Need, lookup: Lookup): Promise<Finding> {
	const base = { name: need.name, why: need.why };
	const missing = missingFrom(need, lookup.path);
	if (missing) {
		const fix = installLine([need.package], lookup.isRoot);
		return { ...base, ok: false, message: `${missing} is missing`, package: need.package, fix };
	}
	const minimum = lookup.isRoot && need.minimum?.userOnly ? undefined : need.minimum;
	const version = lookup.allVersions || minimum ? await versionOf(need, lookup.path) : undefined;
	if (minimum && version && compareVersions(version, minimum.version) < 0) {
		const message = `${need.name} ${version} is too old: ${minimum.version} or newer has ${minimum.because}`;
		return { ...base, ok: false, version, message, fix: "a newer release of this distribution, or its backports" };
	}
	return { ...base, ok: true, version };
}

/** This machine's lookup: PATH with the system folders. */
export function thisHost(allVersions = false): Lookup {
	return { path: toolPath(), isRoot: process.getuid?.() === 0, allVersions };
}

function missingFrom(need: Need, path: string): string | undefined {
	if (need.files && !need.files.some((file) => existsSync(file))) return need.files[0];
	return need.programs?.find((program) => find(program, path) === undefined);
}

/** The first dotted number that the program prints of itself: mke2fs, ssh and mkfs.vfat do it on stderr, or with a usage error. */
async function versionOf(need: Need, path: string): Promise<string | undefined> {
	const argv = need.versionArgs;
	if (!argv) return undefined;
	const program = find(argv[0]!, path) ?? argv[0]!;
	try {
		const result = await run([program, ...argv.slice(1)], {
			doing: `asking ${argv[0]} for its version`,
			ok: [0, 1],
			timeout: 10_000,
		});
		return versionIn(`${result.stdout}\n${result.stderr}`);
	} catch {
		return undefined;
	}
}

/** `mke2fs 1.47.0 (5-Feb-2023)` → `1.47.0`; `OpenSSH_9.2p1` → `9.2`. */
export function versionIn(text: string): string | undefined {
	return text.match(/\d+(?:\.\d+)+/)?.[0];
}

/** Negative when `a` is older than `b`; dotted numbers only. */
export function compareVersions(a: string, b: string): number {
	const [left, right] = [a, b].map((version) => version.split(".").map(Number)) as [number[], number[]];
	for (let i = 0; i < Math.max(left.length, right.length); i++) {
		const difference = (left[i] ?? 0) - (right[i] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}
