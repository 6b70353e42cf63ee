import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { slurmConf } from "../../../../core/node/files/slurm-conf.ts";
import { busy, cluster, view } from "./views.ts";

const SCONTROL = "scontrol";
const present = spawnSync(SCONTROL, ["--help"]).error === undefined;
const title = present ? "SLURM reads slurm.conf" : "slurm.conf is not read by SLURM: no scontrol here (apt install slurm-client)";

/** What SLURM itself says of the text: `show daemons` reads slurm.conf and asks nobody. */
function said(text: string): string {
	const dir = mkdtempSync(join(tmpdir(), "clusteros-slurm-"));
	try {
		const file = join(dir, "slurm.conf");
		// A user of this machine: SLURM looks it up.
		writeFileSync(file, text.replace("SlurmUser=slurm\n", `SlurmUser=${execFileSync("id", ["-un"], { encoding: "utf8" })}`));
		return spawnSync(SCONTROL, ["show", "daemons"], { encoding: "utf8", env: { ...process.env, SLURM_CONF: file } }).stderr;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

describe.skipIf(!present)(title, () => {
	it.each([
		["a plain cluster's", cluster],
		["a busy cluster's", busy],
	])("%s without a word", (_which, of) => {
		expect(said(slurmConf(view(of, "c1")).content)).toBe("");
	});

	it("and would say what it does not know", () => {
		const { content } = slurmConf(view({ ...cluster, slurm: { ...cluster.slurm, extra: "NoSuchSetting=1" } }, "c1"));
		expect(said(content)).toContain("unrecognized key: NoSuchSetting");
	});
});
