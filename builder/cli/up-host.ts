import { UserError } from "../../core/errors.ts";
import { problemsOf } from "../preflight/finding.ts";
import { checkHost } from "../preflight/host.ts";
import { thisHost } from "../preflight/programs.ts";
import { defaultCacheDir } from "../store/layout.ts";

/** @throws UserError (host) naming the programs that machines need and this host lacks. UEFI firmware is not one: kernels are booted directly. */
export async function mustHaveMachinesTools(): Promise<void> {
	const lookup = thisHost();
	const findings = await checkHost("boot", defaultCacheDir(process.env), lookup);
	const problems = problemsOf(
		findings.filter(({ name }) => name !== "OVMF"),
		lookup.isRoot,
	);
	if (problems.length > 0) throw new UserError("host", problems);
}
