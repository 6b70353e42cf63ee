import { readdir, stat } from "node:fs/promises";
import { ToolError } from "../../core/errors.ts";
import { pasteable, run, toolPath } from "../../core/process/run.ts";
import { find } from "./find.ts";

const LISTS = "/var/lib/apt/lists";
const DAY = 86_400_000;

/** The command that installs `packages`, ready to paste; says `sudo` for all but root. */
export function installLine(packages: readonly string[], isRoot: boolean): string {
	const line = pasteable(["apt-get", "install", "-y", "--no-install-recommends", ...packages]);
	return isRoot ? line : `sudo ${line}`;
}

/** How this process can become root without a question: not at all, by being it, or by `sudo -n`. */
export async function rootPrefix(): Promise<readonly string[] | undefined> {
	if (!find("apt-get", toolPath())) return undefined;
	if (process.getuid?.() === 0) return [];
	if (!find("sudo", toolPath())) return undefined;
	const { exitCode } = await run(["sudo", "-n", "true"], {
		doing: "asking whether sudo needs a password",
		ok: [0, 1],
		timeout: 10_000,
	}).catch(() => ({ exitCode: 1 }));
	return exitCode === 0 ? ["sudo", "-n"] : undefined;
}

/** What {@link installMissing} may do and whom it tells. */
export interface InstallOptions {
	/** From {@link rootPrefix}. */
	readonly prefix: readonly string[];
	readonly onLine?: ((line: string) => void) | undefined;
	readonly signal?: AbortSignal | undefined;
	/** Where apt keeps its package lists; replaced in tests. */
	readonly lists?: string | undefined;
}

/**
 * Installs Debian or Ubuntu packages without questions. Package lists that are missing or older than a day are fetched first,
 * and once more when the install fails: old lists name files that the mirror no longer has.
 */
export async function installMissing(packages: readonly string[], options: InstallOptions): Promise<void> {
	const fresh = await listsAreFresh(options.lists ?? LISTS);
	if (!fresh) await aptGet(["update"], "fetching the package lists", options);
	const install = () =>
		aptGet(["install", "-y", "--no-install-recommends", ...packages], `installing ${packages.join(", ")}`, options);
	try {
		await install();
	} catch (error) {
		if (!fresh || !(error instanceof ToolError)) throw error;
		await aptGet(["update"], "fetching the package lists", options);
		await install();
	}
}

async function aptGet(args: readonly string[], doing: string, { prefix, onLine, signal }: InstallOptions): Promise<void> {
	// Through env(1): sudo drops what is in the environment. Another apt may hold the lock for a while on a fresh machine.
	const argv = [...prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300", "-q", ...args];
	await run(argv, { doing, onLine, signal, fix: "Run the command by hand to see what apt says, then start again." });
}

async function listsAreFresh(lists: string): Promise<boolean> {
	try {
		const names = await readdir(lists);
		if (!names.some((name) => name.includes("_Packages"))) return false;
		// The files carry the mirror's times; the folders in which apt works carry ours.
		const times = await Promise.all([lists, `${lists}/partial`].map(async (dir) => (await stat(dir)).mtimeMs));
		return Math.max(...times) > Date.now() - DAY;
	} catch {
		return false;
	}
}
