import { readdirSync, readlinkSync, statSync } from "node:fs";
import { basename } from "node:path";
import { ignoreMissing } from "../atomic-file.ts";
import { keepFile, readText } from "../files.ts";
import { SETTLED } from "../paths.ts";
import type { World } from "../world.ts";

/** cloud-init's folder of the seed in force; its `sem` has a file for each module that has been run for it. */
const INSTANCE = "/var/lib/cloud/instance";
/** How often a seed is applied again before it is taken as it is. */
const ATTEMPTS = 3;

/**
 * cloud-init (25.1) writes users, keys and files without a sync, and notes at once that it did: a power cut in the half minute
 * after it leaves empty files that no later boot would mend. So the first boot that gets here has everything written to the
 * disk and notes that; one that finds a seed applied by an earlier boot which never got here has it applied again.
 * Returns what to wait for then: the reboot that does it.
 */
export async function settleSeed(world: World): Promise<string | undefined> {
	const instance = ignoreMissing(() => basename(readlinkSync(world.root + INSTANCE)));
	const [settled, attempts = "0"] = (readText(world, SETTLED) ?? "").trim().split(" ");
	if (instance === undefined || settled === instance) return undefined;
	if (isOfEarlierBoot(world) && Number(attempts) < ATTEMPTS) {
		keepFile(world, { path: SETTLED, content: `- ${Number(attempts) + 1}\n`, mode: 0o600 });
		await world.exec(["cloud-init", "clean"], { timeout: 300_000 });
		await world.exec(["systemctl", "reboot"]);
		return "a reboot: power was cut while the seed was applied, so it is applied again";
	}
	await world.exec(["sync"], { timeout: 300_000 });
	keepFile(world, { path: SETTLED, content: `${instance}\n`, mode: 0o600 });
	return undefined;
}

/** Some of cloud-init's once-only modules ran before this boot began. */
function isOfEarlierBoot(world: World): boolean {
	const began = Number(/^btime (\d+)$/m.exec(readText(world, "/proc/stat") ?? "")?.[1]);
	const dir = `${world.root}${INSTANCE}/sem`;
	const marks = ignoreMissing(() => readdirSync(dir)) ?? [];
	return marks.some((name) => statSync(`${dir}/${name}`).mtimeMs / 1000 < began);
}
