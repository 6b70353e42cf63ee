import { UserError } from "../../core/errors.ts";
import type { Reporter } from "../ui/reporter.ts";
import { type Finding, missingPackages, problemsOf } from "./finding.ts";
import { installMissing, rootPrefix } from "./install.ts";
import { tryNamespace } from "./namespace.ts";
import { needsFor, type Task } from "./needs.ts";
import { checkNeed, type Lookup, thisHost } from "./programs.ts";

/** How {@link ensureHost} goes about it. */
export interface HostOptions {
	/** Where builds work: namespaces and overlays are tried on its disk. */
	readonly cacheDir: string;
	/** False leaves out what has to be tried (0.1 s): programs are looked for all the same. */
	readonly tryOut?: boolean | undefined;
	/** Whether missing packages may be installed. */
	readonly install: boolean;
	readonly reporter: Reporter;
	readonly signal?: AbortSignal | undefined;
	readonly log?: ((line: string) => void) | undefined;
}

/** Everything that `task` needs, as found on this machine; namespaces are tried only once their programs are there. */
export async function checkHost(task: Task, cacheDir: string, lookup: Lookup = thisHost(), tryOut = true): Promise<Finding[]> {
	const findings = await Promise.all(needsFor(task, lookup.isRoot).map((need) => checkNeed(need, lookup)));
	const canTry = findings.every((finding) => finding.ok || !["util-linux", "uidmap"].includes(finding.package ?? ""));
	return task === "build" && canTry && tryOut ? [...findings, await tryNamespace(cacheDir, lookup.isRoot)] : findings;
}

/**
 * Makes sure that `task` can be done here, installing missing packages after naming them when root or passwordless sudo allows.
 * @throws UserError (`host`) with everything that is still wrong, each with its fix.
 */
export async function ensureHost(task: Task, options: HostOptions): Promise<void> {
	const lookup = thisHost();
	const findings = await checkHost(task, options.cacheDir, lookup, options.tryOut);
	const packages = missingPackages(findings);
	const installed = packages.length > 0 && options.install && (await install(packages, options));
	const left = problemsOf(installed ? await checkHost(task, options.cacheDir, lookup, options.tryOut) : findings, lookup.isRoot);
	if (left.length > 0) throw new UserError("host", left);
}

/** Installs `packages` as a step; false when this user cannot. */
export async function install(packages: readonly string[], options: Omit<HostOptions, "cacheDir" | "install">): Promise<boolean> {
	const prefix = await rootPrefix();
	if (!prefix) return false;
	options.reporter.note("installing", packages.join(" "));
	const step = options.reporter.step("host packages");
	try {
		const onLine = (line: string) => {
			options.log?.(line);
			step.progress({ text: line });
		};
		await installMissing(packages, { prefix, onLine, signal: options.signal });
		step.done(packages.join(" "));
		return true;
	} catch (error) {
		step.failed("could not be installed");
		throw error;
	}
}
