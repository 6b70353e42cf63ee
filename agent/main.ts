import { hostname } from "node:os";
import { writeConsole } from "./console.ts";
import { record } from "./journal.ts";
import { runAgent } from "./run.ts";
import { showStatus } from "./show.ts";
import { realWorld, type World } from "./world.ts";

const HELP = `clusteros-agent: tells what this node is and does

  clusteros-agent status          state of this node, in words
  clusteros-agent status --json   the same for programs (/run/clusteros/status.json)
  clusteros-agent run             the agent itself; clusteros-agent.service runs it

More: systemctl status clusteros-agent, journalctl -b -u clusteros-agent
`;

/** One command line; returns the exit code: 0 done, 1 failed, 2 wrong usage. */
async function main(world: World, args: readonly string[]): Promise<number> {
	const [command = "--help", ...rest] = args;
	if (command === "run" && rest.length === 0) return serve(world);
	if (command === "status" && (rest.length === 0 || (rest.length === 1 && rest[0] === "--json"))) {
		return showStatus(world, rest.length === 1);
	}
	const asked = ["--help", "-h", "help"].includes(command);
	(asked ? process.stdout : process.stderr).write(asked ? HELP : `unknown: ${args.join(" ")}\n\n${HELP}`);
	return asked ? 0 : 2;
}

async function serve(world: World): Promise<number> {
	const stop = new AbortController();
	for (const name of ["SIGTERM", "SIGINT"] as const) process.once(name, () => stop.abort());
	await runAgent(world, stop.signal);
	return 0;
}

// No top-level await: the bundle is CommonJS, which Node starts without first guessing the module's kind.
const world = realWorld();
main(world, process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: Error) => {
		world.print(record("error", { msg: error.message }));
		writeConsole(world, { name: hostname(), state: "booted", reason: `failed: ${error.message}` });
		process.exitCode = 1;
	},
);
