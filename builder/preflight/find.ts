import { accessSync, constants } from "node:fs";
import { join } from "node:path";

/** Where a program lies, as a shell would find it. */
export function find(program: string, path: string): string | undefined {
	return path
		.split(":")
		.map((dir) => join(dir, program))
		.find(isExecutable);
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
