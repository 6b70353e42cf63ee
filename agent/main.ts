import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { writeConsole } from "./console.ts";
import { ask } from "./control/client.ts";
import type { Phase, Request } from "./control/protocol.ts";
import { record } from "./journal.ts";
import { runAgent } from "./run.ts";
import { type Form, showStatus } from "./show.ts";
import { realWorld, type World } from "./world.ts";

const HELP = `clusteros-agent: tells what this node is and does

  clusteros-agent status          state of this node and of those it knows
  clusteros-agent status --json   the same for programs (/run/clusteros/status.json)
  clusteros-agent explain         what it waits for, and what helps

As root:
  clusteros-agent leave           tells the others that this node goes; until the agent is restarted
  clusteros-agent readmit NAME    on a controller: NAME may come back with a new key, after a new installation
  clusteros-agent forget NAME     on a controller: NAME is gone for good
  clusteros-agent approve NAME    on a controller: NAME may join, where join = "approve"
  clusteros-agent apply-secrets --phase accept|use|drop < secrets.json
                                  one phase of a rotation; clusteros rotate does them all
  clusteros-agent run             the agent itself; clusteros-agent.service runs it

More: systemctl status clusteros-agent, journalctl -b -u clusteros-agent
`;

const FORMS: Readonly<Record<string, Form>> = { status: "words", "status --json": "json", explain: "explained" };
const ORDERS: readonly string[] = ["readmit", "forget", "approve"];
const PHASES: readonly string[] = ["accept", "use", "drop"];

/** One command line; returns the exit code: 0 done, 1 failed, 2 wrong usage. */
async function main(world: World, args: readonly string[]): Promise<number> {
	const line = args.join(" ");
	if (line === "run") return serve(world);
	const form = FORMS[line];
	if (form !== undefined) return showStatus(world, form);
	const request = requestOf(args);
	if (request !== undefined) return send(world, request);
	const asked = ["", "--help", "-h", "help"].includes(line);
	(asked ? process.stdout : process.stderr).write(asked ? HELP : `unknown: ${line}\n\n${HELP}`);
	return asked ? 0 : 2;
}

function requestOf([command = "", ...rest]: readonly string[]): Request | undefined {
	if (command === "leave" && rest.length === 0) return { op: "leave" };
	if (ORDERS.includes(command) && rest.length === 1) return { op: command, name: rest[0] } as Request;
	const [flag, phase = ""] = rest;
	if (command !== "apply-secrets" || rest.length !== 2 || flag !== "--phase" || !PHASES.includes(phase)) return undefined;
	return { op: "apply-secrets", phase: phase as Phase, secrets: readFileSync(0, "utf8") };
}

async function send(world: World, request: Request): Promise<number> {
	const { ok, said } = await ask(world, request).catch((error: Error) => ({ ok: false, said: error.message }));
	(ok ? process.stdout : process.stderr).write(`${said}\n`);
	return ok ? 0 : 1;
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
