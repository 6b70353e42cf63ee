import type { Problem } from "../../core/errors.ts";
import { installLine } from "./install.ts";

/** What was found about one thing that a task needs. */
export interface Finding {
	readonly name: string;
	readonly ok: boolean;
	readonly why: string;
	readonly version?: string | undefined;
	/** What is wrong, when it is not ok. */
	readonly message?: string | undefined;
	/** The package that brings it; installing it is the fix. */
	readonly package?: string | undefined;
	readonly fix?: string | undefined;
}

/** The findings that are not ok, as problems of a UserError; one command, at the last of them, installs all that is missing. */
export function problemsOf(findings: readonly Finding[], isRoot: boolean): Problem[] {
	const wrong = findings.filter((finding) => !finding.ok);
	const packages = missingPackages(findings);
	const last = wrong.findLast((finding) => finding.package);
	return wrong.map((finding) => ({
		message: `${finding.message ?? `${finding.name} is missing`}: needed ${finding.why}`,
		fix: finding === last ? installLine(packages, isRoot) : finding.package ? undefined : finding.fix,
	}));
}

/** Packages that would mend what is not ok, each once. */
export function missingPackages(findings: readonly Finding[]): string[] {
	return [...new Set(findings.flatMap((finding) => (finding.ok || !finding.package ? [] : [finding.package])))].sort();
}
