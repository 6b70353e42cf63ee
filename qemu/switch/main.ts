import { readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { isProcess } from "../process-id.ts";
import { listen } from "./control.ts";
import { LanSwitch } from "./lan-switch.ts";
import type { SwitchConfig } from "./orders.ts";

/** Seconds without any machine after which a switch that nobody uses ends: more than `up` needs for its disks. */
const ALONE = 600;

/** Standard error is the log file. Written at once: the last line before an end is the one that counts. */
function log(line: string): void {
	try {
		writeSync(2, `${new Date().toISOString()}  ${line}\n`);
	} catch {
		// A full disk must not end the LAN.
	}
}

/** The switch as a process of its own: `node switch.js CONFIG.json`. */
async function main(file: string): Promise<void> {
	const config = JSON.parse(readFileSync(file, "utf8")) as SwitchConfig;
	writeFileSync(config.pid, `${process.pid}\n`, { mode: 0o600 });
	const lan = new LanSwitch(config.network, log);
	const end = (why: string) => {
		log(`ends: ${why}`);
		lan.close();
		for (const path of [config.control, config.pid]) rmSync(path, { force: true });
		process.exit(0);
	};
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => end(signal));
	await listen(config.control, lan, () => end("told to"));
	log(`process ${process.pid} switches ${config.network}, orders on ${config.control}`);
	endWithMachines(lan, config.look, end);
}

/** A cluster that was killed, or whose machines have all powered off, leaves no switch behind. */
function endWithMachines(lan: LanSwitch, look: number, end: (why: string) => void): void {
	let seen = false;
	let alone = 0;
	setInterval(() => {
		const runs = lan.plugs().some(({ process: { pid, word } }) => isProcess(readPid(pid), word));
		seen ||= runs;
		alone = runs ? 0 : alone + look;
		if (alone >= (seen ? 2 * look : ALONE)) end(seen ? "no machine runs any more" : `no machine came in ${ALONE} s`);
	}, look * 1000);
}

function readPid(file: string): number {
	try {
		return Number.parseInt(readFileSync(file, "utf8"), 10);
	} catch {
		return Number.NaN;
	}
}

process.on("uncaughtException", (error) => {
	log(`dies of a defect: ${error.stack ?? error.message}`);
	process.exit(1);
});

main(process.argv[2]!).catch((error: Error) => {
	log(`cannot start: ${error.message}`);
	process.exit(1);
});
