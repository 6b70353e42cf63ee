import { type Acceleration, probeAcceleration } from "../../qemu/accel.ts";
import { type Finding, missingPackages, problemsOf } from "../preflight/finding.ts";
import { checkHost, install as installPackages } from "../preflight/host.ts";
import { installLine } from "../preflight/install.ts";
import { type Lookup, thisHost } from "../preflight/programs.ts";
import { defaultCacheDir } from "../store/layout.ts";
import { table } from "../ui/format.ts";
import { makeReporter } from "../ui/make-reporter.ts";
import { makePaint } from "../ui/paint.ts";
import type { CommandContext } from "./context.ts";

/** What `doctor` found: by what it is needed for. */
interface Diagnosis {
	readonly build: readonly Finding[];
	readonly boot: readonly Finding[];
	readonly acceleration: Acceleration;
}

/** Prints what is here and what is missing; with `fix` installs it first. Exit code 3 when something needed for building is missing. */
export async function runDoctor(
	options: { readonly fix: boolean; readonly json: boolean; readonly cacheDir?: string },
	context: CommandContext,
): Promise<void> {
	const cacheDir = options.cacheDir ?? defaultCacheDir(process.env);
	const lookup = thisHost(true);
	let diagnosis = await diagnose(cacheDir, lookup);
	const packages = missingPackages([...diagnosis.build, ...diagnosis.boot]);
	if (options.fix && packages.length > 0 && (await installAll(packages, options.json, context))) {
		diagnosis = await diagnose(cacheDir, lookup);
	}
	const ok = diagnosis.build.every((finding) => finding.ok);
	const left = missingPackages([...diagnosis.build, ...diagnosis.boot]);
	const install = left.length > 0 ? installLine(left, lookup.isRoot) : null;
	const document = { version: 1, ok, install, ...diagnosis };
	process.stdout.write(`${options.json ? JSON.stringify(document, null, "\t") : words(diagnosis, lookup.isRoot)}\n`);
	if (!ok) process.exitCode = 3;
}

async function diagnose(cacheDir: string, lookup: Lookup): Promise<Diagnosis> {
	const [build, boot, acceleration] = await Promise.all([
		checkHost("build", cacheDir, lookup),
		checkHost("boot", cacheDir, lookup),
		probeAcceleration({ cacheDir }),
	]);
	const listed = new Set(build.map((finding) => finding.name));
	return { build, boot: boot.filter((finding) => !listed.has(finding.name)), acceleration };
}

async function installAll(packages: readonly string[], json: boolean, { signal }: CommandContext): Promise<boolean> {
	const reporter = makeReporter({ json });
	try {
		const done = await installPackages(packages, { reporter, signal });
		if (!done) reporter.warn("installing takes root or a sudo that asks no password; the command is below");
		return done;
	} finally {
		reporter.close();
	}
}

function words({ build, boot, acceleration }: Diagnosis, isRoot: boolean): string {
	const paint = makePaint(process.stdout, process.env);
	const row = ({ ok, name, version, why, message }: Finding) => [
		ok ? paint("good", "✔") : paint("bad", "✘"),
		name,
		version ?? "",
		message === undefined ? why : `${message}: needed ${why}`,
	];
	const mark = acceleration.accel === "kvm" ? paint("good", "✔") : paint("warning", "!");
	const accelerated = [mark, "acceleration", acceleration.accel, acceleration.reason];
	const rows = [["", paint("strong", "for building")], ...build.map(row), ["", paint("strong", "for running test machines")]];
	const fixes = problemsOf([...build, ...boot], isRoot).flatMap(({ fix }) => (fix === undefined ? [] : [`  ${fix}`]));
	const end = fixes.length === 0 ? ["", "Nothing is missing."] : ["", "To mend it:", ...new Set(fixes)];
	return [table([...rows, ...boot.map(row), accelerated]), ...end].join("\n");
}
