import { stat, statfs } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ToolError, UserError } from "../../core/errors.ts";
import { bytes } from "../ui/format.ts";

/** The folder on which the filesystem of `path` is mounted. */
export async function mountOf(path: string): Promise<string> {
	let at = resolve(path);
	const { dev } = await stat(at);
	while (dirname(at) !== at && (await stat(dirname(at))).dev === dev) at = dirname(at);
	return at;
}

/** Whether the error is a full disk or quota: by code from Node, by the C locale's words from another program. */
export function isNoSpace(error: unknown): boolean {
	if (error instanceof ToolError) return error.failure.noSpace === true;
	return ["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException | undefined)?.code ?? "");
}

/**
 * The error for a full disk: which one, how much is free of how much is needed (bytes, where known), what to do.
 * Call it before what was half-made is removed, so that the numbers are those of the failure.
 */
export async function noSpace(dir: string, needed?: number): Promise<UserError> {
	const { bavail, bsize } = await statfs(dir);
	const free = `${bytes(bavail * bsize)} free${needed === undefined ? "" : `, ${bytes(needed)} needed`}`;
	return new UserError("failed", {
		message: `no space left on the disk of ${dir} (mounted on ${await mountOf(dir)}): ${free}`,
		fix: "clusteros cache prune, or --cache-dir DIR on a larger disk",
	});
}

/** Runs `work` on the filesystem of `dir`: a full disk becomes {@link noSpace}'s error, with the original as its cause. */
export async function explainingNoSpace<T>(dir: string, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		throw await explained(dir, error);
	}
}

/** The error itself, or what a person should read instead when it is a full disk. */
export async function explained(dir: string, error: unknown): Promise<unknown> {
	if (!isNoSpace(error)) return error;
	const said = await noSpace(dir);
	said.cause = error;
	return said;
}
