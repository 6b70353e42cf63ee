// Makes a checkout ready to run: npm ci when node_modules is not what the lock asks for, then the bundle.
// The launcher runs this under a lock; what another start finished meanwhile is not done again.
import { spawnSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleIsFresh, modulesAreFresh } from "./fresh.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

if (!modulesAreFresh(root)) installModules();
if (!bundleIsFresh(root)) await bundleSources();

function installModules() {
	say("installing the packages of package-lock.json (npm ci) ...");
	// Under `npm run` the same npm goes on; esbuild is a development package, so NODE_ENV=production must not leave it out.
	const npm = /npm-cli\.js$/.test(process.env.npm_execpath || "") ? [process.execPath, process.env.npm_execpath] : ["npm"];
	const argv = [...npm, "ci", "--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error"];
	const result = spawnSync(argv[0], argv.slice(1), { cwd: root, stdio: ["ignore", 2, 2], env: withoutNpmExec(process.env) });
	if (result.status === 0) return;
	if (result.error?.code === "ENOENT") fail("npm is not installed.", "sudo apt-get install npm");
	fail(
		`npm ci failed (${result.error?.message || `exit code ${result.status}`}), see above.`,
		"When the registry cannot be reached: check `npm config get registry` and the proxy, then run this again. Nothing else was changed.",
	);
}

/** What npx passes on about its own call would change where npm ci installs. */
function withoutNpmExec(env) {
	const drop = /^npm_config_(package|call|yes|prefix|local_prefix|global|workspace|workspaces|include_workspace_root)$/i;
	return Object.fromEntries(Object.entries(env).filter(([name]) => !drop.test(name)));
}

async function bundleSources() {
	say("bundling the sources into dist/ ...");
	const { bundle } = await import("./bundle.mjs");
	try {
		await bundle(root);
	} catch (error) {
		fail(`the sources cannot be bundled: ${error.message}`, "This is a checkout in the middle of an edit, or a defect of ours.");
	}
}

function say(text) {
	process.stderr.write(`clusteros: ${text}\n`);
}

function fail(text, fix) {
	say(`${text}\n  ${fix}`);
	process.exit(3);
}
