import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { type Problem, UserError } from "../../../core/errors.ts";

/** The least that a profile without parents has to say. */
export const ROOT = `version = 1
base = "debian-13"
formats = ["qcow2"]
kernel.flavour = "generic"
console = { serial = "ttyS0", speed = 115200 }
disk = { size = "3GiB", esp = "260MiB", seed = "64MiB", filesystem = "ext4" }
`;

/** A temporary folder with these files, gone when the test is. */
export async function folder(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
	const dir = await realpath(await mkdtemp(join(tmpdir(), "profile-")));
	onTestFinished(() => rm(dir, { recursive: true, force: true }));
	for (const [name, content] of Object.entries(files)) {
		await mkdir(dirname(join(dir, name)), { recursive: true });
		await writeFile(join(dir, name), content);
	}
	return dir;
}

/** Resolves a profile of a folder that has its profiles in `p/` and its overlays in `o/`. */
export function resolveIn(dir: string, ref: string, ...sets: string[]) {
	return resolveProfile(ref, { profileDirs: [join(dir, "p")], overlayDirs: [join(dir, "o")], sets, cwd: dir });
}

/** The UserError that `work` ends with. */
export async function userErrorOf(work: () => unknown): Promise<UserError> {
	try {
		await work();
	} catch (error) {
		if (error instanceof UserError) return error;
		throw error;
	}
	throw new Error("expected a UserError, and nothing was thrown");
}

/** Problems as people see them, a line each: place, path, message, fix. */
export async function complaintsOf(work: () => unknown): Promise<string[]> {
	return (await userErrorOf(work)).problems.map(complaint);
}

function complaint({ where, path, message, fix }: Problem): string {
	const place = [where?.file, where?.line, where?.column].filter((part) => part !== undefined).join(":");
	return [place, path && `${path}:`, message, fix && `(${fix})`].filter(Boolean).join(" ");
}
