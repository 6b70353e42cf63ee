import { createHash } from "node:crypto";
import { lstatSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../core/errors.ts";

/**
 * Where the sockets of a cluster lie: a unix socket's path has about 100 bytes, a cluster's own folder may be longer.
 * Two copies of one cluster's folder do not share it.
 */
export function runtimeFolder(dir: string, clusterId: string, env: NodeJS.ProcessEnv, uid: number): string {
	const hash = createHash("sha256").update(dir).digest("hex").slice(0, 6);
	return join(env.XDG_RUNTIME_DIR || `/tmp/clusteros-${uid}`, `clusteros-${clusterId.slice(0, 8)}-${hash}`);
}

/** Makes it for us alone. @throws UserError when somebody else has made it before, as anybody can below /tmp. */
export function makeRuntimeFolder(folder: string, uid: number): void {
	const parent = join(folder, "..");
	for (const each of [parent, folder]) mkdirSync(each, { recursive: true, mode: 0o700 });
	for (const each of [parent, folder]) {
		const { uid: owner, mode } = lstatSync(each);
		if (owner === uid && (mode & 0o077) === 0) continue;
		const fix = "remove it, or set XDG_RUNTIME_DIR to a folder that only you can read";
		throw new UserError("host", { message: `${each} is not a folder of yours alone`, fix });
	}
}
