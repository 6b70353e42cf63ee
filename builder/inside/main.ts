import { createInterface } from "node:readline";
import { ToolError, UserError } from "../../core/errors.ts";
import { bootstrap } from "./bootstrap.ts";
import { writeDisk } from "./disk.ts";
import { placeFiles } from "./files.ts";
import { install } from "./install.ts";
import { check, inventory, remove } from "./inventory.ts";
import type { Answers, Event, Job, WireError } from "./jobs.ts";
import { ask } from "./mounts.ts";
import { placePrograms } from "./programs.ts";
import type { Talk } from "./talk.ts";

/** Entry point of the process inside the namespace: one job in, events out, exit code 0 even when the job failed (the error is an event). */

function emit(event: Event): void {
	process.stdout.write(`${JSON.stringify(event)}\n`);
}

const talk: Talk = {
	log: (line) => emit({ type: "log", line }),
	progress: (fraction, text) => emit({ type: "progress", fraction, text }),
};

function wire(error: unknown): WireError {
	if (error instanceof UserError) return { name: "UserError", kind: error.kind, problems: error.problems };
	if (error instanceof ToolError) return { name: "ToolError", failure: error.failure };
	const { message, code, stack } = error as NodeJS.ErrnoException;
	return { name: "Error", message, code, stack };
}

function answer(job: Job): Promise<Answers[keyof Answers]> {
	switch (job.kind) {
		case "bootstrap":
			return bootstrap(job, talk);
		case "install":
			return install(job, talk);
		case "programs":
			return placePrograms(job, talk);
		case "files":
			return placeFiles(job, talk);
		case "disk":
			return writeDisk(job, talk);
		case "inventory":
			return inventory(job.dir);
		case "check":
			return check(job.dir, job.deep);
		case "remove":
			return remove(job.dir);
		case "ask":
			return ask(job, talk);
	}
}

/** The first line is the job; the end of input means that whoever asked is gone, even by kill -9, and so are we with all we started. */
async function readJob(): Promise<Job> {
	const lines = createInterface({ input: process.stdin });
	const { value } = await lines[Symbol.asyncIterator]().next();
	process.stdin.resume().on("end", () => process.exit(1));
	return JSON.parse(String(value)) as Job;
}

process.umask(0o022);
try {
	const job = await readJob();
	const result = await answer(job);
	// Here rather than outside: its files may have owners that only exist in here.
	if ("work" in job) await remove(job.work);
	emit({ type: "answer", answer: result });
} catch (error) {
	emit({ type: "error", error: wire(error) });
}
process.stdin.destroy();
