import { Command, InvalidArgumentError } from "commander";
import { UserError } from "../../core/errors.ts";
import { defaultCacheDir } from "../store/layout.ts";
import type { Listed, PruneOptions, Store } from "../store/store.ts";
import type { TreeKeeper } from "../store/types.ts";
import { bytes, table } from "../ui/format.ts";

interface Common {
	readonly cacheDir: string;
	readonly json?: true;
}

type MakeTrees = (cacheDir: string) => TreeKeeper;

const HELP = `
Examples:
  clusteros cache ls                     what is kept, how large, when last used
  clusteros cache prune                  remove what a newer version replaced, and what was unused for 30 days
  clusteros cache prune --max-size 10GB  remove the least recently used until 10 GB are left
  clusteros cache prune --all            remove everything that no build is using
  clusteros cache verify                 read everything and compare digests
`;

/** `clusteros cache`: looks at the store and tidies it. `makeTrees` gives what can read and remove its trees. */
export function cacheCommand(makeTrees: MakeTrees): Command {
	const cache = new Command("cache")
		.description("look at and tidy what builds leave for later builds")
		.addHelpText("after", HELP);
	// Loaded only now: `clusteros --help` has no use for the store.
	const open = async ({ cacheDir }: Common) => (await import("../store/store.ts")).openStore(cacheDir, makeTrees(cacheDir));
	common(cache.command("ls").description("list what is kept, the newest first")).action(async (options: Common) =>
		ls(await open(options), options),
	);
	common(cache.command("prune").description("remove what is no longer needed; never what a build is using"))
		.option("--all", "remove everything")
		.option("--older-than <days>", "remove what was not used for this many days", days)
		.option("--max-size <size>", "remove the least recently used until this much is left, such as 10GB or 512MiB", size)
		.action(async (options: Common & PruneFlags) => prune(await open(options), options));
	common(cache.command("verify").description("read everything and compare digests; what is damaged is removed")).action(
		async (options: Common) => verify(await open(options), options),
	);
	return cache;
}

function common(command: Command): Command {
	return command
		.option("--cache-dir <dir>", "the cache folder", defaultCacheDir(process.env))
		.option("--json", "print the result as JSON");
}

interface PruneFlags {
	readonly all?: true;
	readonly olderThan?: number;
	readonly maxSize?: number;
}

async function ls(store: Store, { json }: Common): Promise<void> {
	const listed = await store.list();
	const debs = await store.debs.list();
	const debsSize = debs.reduce((sum, deb) => sum + deb.size, 0);
	const total = listed.reduce((sum, { entry }) => sum + entry.size, debsSize);
	if (json) {
		const entries = listed.map(({ entry, used }) => ({ ...entry, used }));
		printJson({ dir: store.dir, entries, debs: { count: debs.length, size: debsSize }, total });
	} else print(lsTable(store.dir, listed, { count: debs.length, size: debsSize, total }));
}

function lsTable(dir: string, listed: readonly Listed[], sums: { count: number; size: number; total: number }): string {
	const rows = listed.map(({ entry, used }) => [
		entry.slot,
		bytes(entry.size),
		minute(entry.made),
		minute(used),
		entry.key.slice(0, 12),
	]);
	if (sums.count > 0) rows.push([`${sums.count} downloaded package${sums.count === 1 ? "" : "s"}`, bytes(sums.size)]);
	const head = rows.length > 0 ? [["what", "size", "made", "last used", "key"]] : [];
	return table([...head, ...rows, ["total", bytes(sums.total), dir]]);
}

async function prune(store: Store, { json, all, olderThan, maxSize }: Common & PruneFlags): Promise<void> {
	const options: PruneOptions = { all, olderThanDays: olderThan, maxBytes: maxSize };
	const pruned = await store.prune(options);
	if (json) return printJson({ dir: store.dir, ...pruned });
	for (const what of pruned.removed) print(`removed  ${what}`);
	for (const what of pruned.inUse) print(`in use   ${what}`);
	const hint = pruned.freed === 0 && pruned.left > 0 && !all ? "; to remove everything: clusteros cache prune --all" : "";
	print(`${bytes(pruned.freed)} freed, ${bytes(pruned.left)} left in ${store.dir}${hint}`);
}

/** @throws UserError (exit 1) when something was damaged, after printing the result. */
async function verify(store: Store, { json }: Common): Promise<void> {
	const { checked, busy, bad } = await store.verify();
	if (json) printJson({ dir: store.dir, checked, busy, bad });
	else {
		for (const slot of busy) print(`skipped  ${slot}: a build is making it`);
		print(`${checked} checked, ${bad.length} damaged`);
	}
	if (bad.length === 0) return;
	const fix = "nothing to do: it was removed and the next build makes it again";
	throw new UserError(
		"failed",
		bad.map(({ slot, key, differences }) => ({ message: `${slot} ${key.slice(0, 12)}: ${differences.join(", ")}`, fix })),
	);
}

/** A time as the user's clock shows it: `2026-11-20 14:03`. */
function minute(iso: string): string {
	const at = new Date(iso);
	const two = (n: number) => String(n).padStart(2, "0");
	const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join("-");
	return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function days(text: string): number {
	const value = Number(text);
	if (text.trim() === "" || !(value >= 0)) throw new InvalidArgumentError("a number of days, such as 14.");
	return value;
}

const UNITS: Readonly<Record<string, number>> = {
	B: 1,
	kB: 1e3,
	MB: 1e6,
	GB: 1e9,
	TB: 1e12,
	KiB: 2 ** 10,
	MiB: 2 ** 20,
	GiB: 2 ** 30,
	TiB: 2 ** 40,
};

function size(text: string): number {
	const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]+)$/.exec(text) ?? [];
	const factor = UNITS[unit ?? ""];
	if (number === undefined || factor === undefined)
		throw new InvalidArgumentError("a size with its unit, such as 10GB or 512MiB.");
	return Math.round(Number(number) * factor);
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

function printJson(result: object): void {
	print(JSON.stringify({ version: 1, ...result }, null, "\t"));
}
