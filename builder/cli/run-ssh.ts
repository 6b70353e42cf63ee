import { once } from "node:events";
import spawn from "cross-spawn";
import { openReach } from "../../cluster/reach/open.ts";
import { UserError } from "../../core/errors.ts";
import { toolPath } from "../../core/process/run.ts";
import { sessionArgv } from "../../core/ssh/ssh.ts";

/** Hands this terminal to ssh; its exit code becomes ours. */
export async function runSsh(dir: string, hostlist: string, command: readonly string[]): Promise<void> {
	const reached = await openReach(dir);
	const [node, ...more] = reached.select(hostlist);
	if (!node || more.length > 0) {
		const fix = `a command on several: clusteros exec ${dir} ${hostlist} -- COMMAND`;
		throw new UserError("usage", { message: "ssh goes to one node", fix });
	}
	const isTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true;
	const argv = sessionArgv(reached.link(node.name).target, command, isTerminal);
	const child = spawn(argv[0]!, argv.slice(1), { stdio: "inherit", env: { ...process.env, PATH: toolPath() } });
	const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
	process.exitCode = code ?? (signal === "SIGINT" ? 130 : 1);
}
