import { accessSync, constants } from "node:fs";
import { join } from "node:path";
import { toolPath } from "../../core/process/run.ts";

/** Which of these programs the host lacks; a suite that needs them says so instead of passing. */
export function missing(...programs: string[]): string[] {
	return programs.filter(
		(program) =>
			!toolPath()
				.split(":")
				.some((folder) => executable(join(folder, program))),
	);
}

function executable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Name of a suite that may be skipped, with the reason in it. */
export function named(title: string, lacking: readonly string[]): string {
	return lacking.length > 0 ? `${title} (skipped: the host lacks ${lacking.join(", ")})` : title;
}
