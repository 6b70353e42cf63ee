import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Acceleration, probeAcceleration } from "../../qemu/accel.ts";

/** How this machine runs guests, and why; tried once a boot of it, for all tests of a user. */
export async function acceleration(): Promise<Acceleration> {
	return probeAcceleration({ cacheDir: join(tmpdir(), `clusteros-probe-${process.getuid!()}`) });
}
