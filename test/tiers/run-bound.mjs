import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";

const MARK = "CLUSTEROS_TEST_RUN";
const GRACE = 10_000;

/**
 * Runs a program in a process group of its own and ends whatever it leaves behind: the group, and every process that carries
 * this run's mark in its environment (a QEMU that made itself a group of its own). Never by name: other runs have a QEMU too.
 */
export async function runBound(argv, { cwd, milliseconds }) {
	const mark = randomUUID();
	const child = spawn(argv[0], argv.slice(1), {
		cwd,
		stdio: ["ignore", "inherit", "inherit"],
		detached: true,
		env: { ...process.env, [MARK]: mark },
	});
	const leftovers = () => [-child.pid, ...marked(`${MARK}=${mark}`)];
	let timedOut = false;
	const timer = setTimeout(
		() => {
			timedOut = true;
			end(leftovers(), "SIGTERM");
			setTimeout(() => end(leftovers(), "SIGKILL"), GRACE).unref();
		},
		Math.max(1, milliseconds),
	);
	const interrupted = () => {
		end(leftovers(), "SIGKILL");
		process.exit(130);
	};
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, interrupted);
	const code = await new Promise((resolve) => {
		child.on("error", () => resolve(1));
		child.on("close", (exit) => resolve(exit ?? 1));
	});
	clearTimeout(timer);
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.off(signal, interrupted);
	end(leftovers(), "SIGKILL");
	return { code: timedOut ? 1 : code, timedOut };
}

function marked(text) {
	const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
	return pids.filter((pid) => environmentOf(pid).includes(text)).map(Number);
}

function environmentOf(pid) {
	try {
		return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
	} catch {
		return [];
	}
}

function end(targets, signal) {
	for (const target of targets) {
		try {
			process.kill(target, signal);
		} catch {
			// Gone already.
		}
	}
}
