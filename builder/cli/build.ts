import { join, resolve } from "node:path";
import { UserError } from "../../core/errors.ts";
import { makeFolders } from "../../core/folders.ts";
import { apply, neededSteps } from "../apply/apply.ts";
import type { ApplyContext } from "../apply/context.ts";
import { checkFormats } from "../formats.ts";
import { writePins } from "../k3s/pin.ts";
import { namespaceTrees } from "../namespace/trees.ts";
import { chooseBase } from "../observe/base-choice.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { planDocument } from "../plan/document.ts";
import { makePlan } from "../plan/plan.ts";
import type { Plan } from "../plan/steps.ts";
import { ensureHost } from "../preflight/host.ts";
import { checkSpace, checkWritable } from "../preflight/space.ts";
import { checkAgainstBase } from "../profile/base.ts";
import { explain, lineage } from "../profile/explain.ts";
import { resolveProfile } from "../profile/resolve.ts";
import { publishAll } from "../publish/publish-all.ts";
import { defaultCacheDir, openStore, type Store } from "../store/store.ts";
import { type Log, openLog } from "../ui/log.ts";
import { makeReporter, type OpenReporter } from "../ui/make-reporter.ts";
import type { BuildOptions, RunBuild } from "./build-options.ts";
import type { CommandContext } from "./context.ts";
import { packageRoot } from "./root.ts";
import { explainText, planText } from "./show-plan.ts";
import { summaryText } from "./summary.ts";

/** `clusteros build`: reads, observes, plans, applies, publishes; each a function of its own. */
export const runBuild: RunBuild = async (options, context) => {
	const started = performance.now();
	const cacheDir = resolve(options.cacheDir ?? defaultCacheDir(process.env));
	const file = openLogIn(cacheDir, context);
	const reporter = makeReporter({ json: options.json, log: file.line });
	const log = options.verbose ? aloud(file) : file;
	try {
		log.line(`build ${JSON.stringify(options)}`);
		await build(options, context, { cacheDir, log, reporter, started });
	} finally {
		reporter.close();
		log.close();
	}
};

/** With --verbose a person reads what the programs print, too. */
function aloud(log: Log): Log {
	const line = (text: string) => {
		log.line(text);
		process.stderr.write(`${text}\n`);
	};
	return { ...log, line };
}

interface Surroundings {
	readonly cacheDir: string;
	readonly log: Log;
	readonly reporter: OpenReporter;
	readonly started: number;
}

/** The log lies in the cache folder; one that cannot be written is the store's error to tell. */
function openLogIn(cacheDir: string, context: CommandContext): Log {
	try {
		const log = openLog(join(cacheDir, "logs"), "build");
		context.logFile = log.path;
		return log;
	} catch (error) {
		const { code, message } = error as NodeJS.ErrnoException;
		throw new UserError(code === "ENOSPC" ? "failed" : "host", {
			message: `cannot write to the cache folder ${cacheDir}: ${message}`,
			fix: "take another with --cache-dir DIR, or free some space",
		});
	}
}

async function build(options: BuildOptions, { signal }: CommandContext, around: Surroundings): Promise<void> {
	const { reporter, log, cacheDir } = around;
	const root = packageRoot();
	const profileDirs = [...options.profiles.map((dir) => resolve(dir)), join(root, "profiles")];
	const overlayDirs = [...options.profiles.map((dir) => resolve(dir, "overlays")), join(root, "overlays")];
	if (options.format) checkFormats(options.format);
	const resolved = await resolveProfile(options.profile, { profileDirs, overlayDirs, sets: options.set, cwd: process.cwd() });
	const formats = checkFormats(options.format ?? resolved.profile.formats);
	const out = resolve(options.out);
	if (!options.plan) await mustBeWritable(out);
	await ensureHost("build", { cacheDir, tryOut: false, install: options.install, reporter, signal, log: log.line });
	const store = await openStore(cacheDir, namespaceTrees(signal), { warn: reporter.warn, signal });
	const mirrors = options.mirror ?? [];
	const choice = await chooseBase({
		asked: options.base,
		fromProfile: resolved.profile.base,
		baseDirs: profileDirs.map((dir) => join(dir, "bases")),
		mirrors,
		cwd: process.cwd(),
		store,
		refresh: options.refresh,
		signal,
	});
	checkAgainstBase(resolved, choice.base, options.arch);
	reporter.note("base", `${choice.base.name}   (${choice.why})`);
	const chain = lineage(resolved.profile).join(" ← ");
	reporter.note("profile", `${chain} · kernel ${resolved.profile.kernel.flavour} · ${formats.join(", ")}`);
	const observation = await observe({
		resolved,
		base: choice.base,
		baseFile: choice.file,
		arch: options.arch,
		formats,
		mirrors: choice.mirrors,
		refresh: options.refresh,
		packageRoot: root,
		cwd: process.cwd(),
		k3sDir: options.k3sDir,
		trustK3s: options.trustK3s,
		store,
		reporter,
		env: process.env,
		now: new Date(),
		signal,
		log: log.line,
	});
	const plan = makePlan(observation.seen);
	if (options.plan) return showPlan(options, plan, observation, store);
	if (!options.cache) for (const step of plan.steps) await store.retain(step.slot, 0);
	await applyAndPublish(options, plan, observation, { ...around, store, signal, out });
}

/** OUT is made before the work starts: a place where it cannot be is told now and not in a minute. */
async function mustBeWritable(out: string): Promise<void> {
	const unwritable = await checkWritable(out, "--out DIR");
	if (unwritable) throw new UserError("host", unwritable);
	try {
		makeFolders(out);
	} catch (error) {
		throw new UserError("host", {
			message: `cannot make the folder ${out}: ${(error as Error).message}`,
			fix: "take another with --out DIR",
		});
	}
}

async function showPlan(options: BuildOptions, plan: Plan, { seen }: Observation, store: Store): Promise<void> {
	const document = await planDocument(plan, seen, store);
	const values = options.explain ? explain(seen.resolved) : undefined;
	if (options.json) {
		process.stdout.write(`${JSON.stringify({ ...document, ...(values ? { explain: values } : {}) }, null, "\t")}\n`);
		return;
	}
	process.stdout.write(planText(document));
	if (values) process.stdout.write(`\n${explainText(values)}`);
}

type Rest = Surroundings & { readonly store: Store; readonly signal: AbortSignal; readonly out: string };

async function applyAndPublish(options: BuildOptions, plan: Plan, observation: Observation, rest: Rest): Promise<void> {
	const { store, reporter, signal, log, out, cacheDir } = rest;
	if ((await neededSteps(plan, store)).size > 0) {
		await ensureHost("build", { cacheDir, install: false, reporter, signal, log: log.line });
		await mustFit(plan, observation, rest);
	}
	const ctx: ApplyContext = {
		plan,
		seen: observation.seen,
		store,
		reporter,
		world: observation.index.world,
		tried: observation.tried,
		signal,
		log: log.line,
	};
	await using applied = await apply(ctx);
	const [published] = await Promise.all([
		publishAll({ ctx, results: applied.results, out, root: packageRoot() }),
		// An edited overlay leaves a new disk every time: the last ones are enough.
		...plan.steps.filter(({ kind }) => kind !== "packages").map(({ slot }) => store.retain(slot, 2)),
	]);
	if (observation.pins.length > 0) await pin(observation, reporter);
	const elapsed = (performance.now() - rest.started) / 1000;
	reporter.close();
	if (options.json) process.stdout.write(`${JSON.stringify({ version: 1, out, ...published, seconds: elapsed }, null, "\t")}\n`);
	else process.stderr.write(summaryText(published, out, elapsed));
}

/** Digests of k3s that the build has verified go into the profile: the next build needs no --trust-k3s. */
async function pin({ pins, seen }: Observation, reporter: OpenReporter): Promise<void> {
	for (const { line, file } of await writePins(pins, seen.resolved, process.cwd())) {
		if (file !== undefined) reporter.note("pinned", `${line}   (in ${file})`);
		else reporter.warn(`the profile could not be written; to pin what was verified, add below [settings]: ${line}`);
	}
}

/** Room for what is not made yet, on the disk of the cache and on that of OUT; both again handled when they fill up meanwhile. */
async function mustFit(plan: Plan, { seen }: Observation, { store, cacheDir, out }: Rest): Promise<void> {
	const installed = seen.solved.flatMap(({ debs }) => debs).reduce((sum, deb) => sum + deb.installed, 0);
	const brought = seen.programs.reduce((sum, { from }) => sum + (from.file === undefined ? 0 : from.size), 0);
	// Besides the layers: the raw disk, and its compressed form once in the cache and once in OUT.
	let forCache = (installed + brought) * 2;
	for (const step of plan.steps) {
		if ((step.kind !== "packages" && step.kind !== "programs") || (await store.find(step.key))) continue;
		if (step.kind === "programs") forCache += brought;
		else forCache += step.solved.debs.reduce((sum, deb) => sum + deb.size + deb.installed, 0);
	}
	const problems = [await checkSpace(cacheDir, forCache), await checkSpace(out, installed + brought)].filter(
		(p) => p !== undefined,
	);
	if (problems.length > 0) throw new UserError("failed", problems);
}
