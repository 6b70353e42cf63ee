import { statfs } from "node:fs/promises";
import { UserError } from "../../core/errors.ts";

const MB = 1e6;
/** What a machine writes until it is ready, its log included: measured 120 to 225 MB. */
const DISK = 300 * MB;

/** @throws UserError when the disk of `dir` has no room for that many new machines; `snapshots`: their memory as well, in MiB. */
export async function mustHaveSpace(dir: string, machines: number, snapshots = 0): Promise<void> {
	const needed = machines * DISK + snapshots * 2 ** 20;
	const { bavail, bsize } = await statfs(dir);
	const free = bavail * bsize;
	if (free >= needed) return;
	const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
	throw new UserError("failed", {
		message: `not enough space in ${dir}: about ${gb(needed)} needed, ${gb(free)} free`,
		fix: "free some, or keep the cluster's folder on another disk",
	});
}
