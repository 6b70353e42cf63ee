import { expect, test } from "vitest";
import { explain } from "../../../builder/profile/explain.ts";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { folder } from "./support.ts";

const CHECKOUT = new URL("../../../", import.meta.url).pathname.replace(/\/$/, "");
const EXPECTED = new URL("./expected/", import.meta.url).pathname;
const PROFILES = ["base", "slurm", "slurm-accounting", "slurm-mpi", "k3s", "hybrid"];
const CASES = PROFILES.flatMap((name) => ["ubuntu-24.04", "debian-13"].map((base) => [name, base] as const));
const OVERLAYS = ["base", "agent", "cloud-init", "slurm", "slurm-accounting", "mpi", "k3s"];

/** `npx vitest run test/builder/profile/golden.test.ts -u` writes them again; read the difference before you commit it. */
test.each(CASES)("%s on %s resolves to what is expected", async (name, base) => {
	const overlays = await folder(Object.fromEntries(OVERLAYS.map((overlay) => [`${overlay}/o`, ""])));
	const options = { profileDirs: [`${CHECKOUT}/profiles`], overlayDirs: [overlays], cwd: CHECKOUT };
	const resolved = await resolveProfile(name, { ...options, sets: [`base=${base}`] });
	const text = JSON.stringify(resolved.profile, null, "\t").replaceAll(overlays, "OVERLAYS").replaceAll(CHECKOUT, "CHECKOUT");
	await expect(`${text}\n`).toMatchFileSnapshot(`${EXPECTED}${name}-${base}.json`);
});

/** Without lines: those change with every comment. */
test("who gave each value of slurm is as expected", async () => {
	const overlays = await folder({ "base/o": "", "agent/o": "", "cloud-init/o": "", "slurm/o": "" });
	const options = { profileDirs: [`${CHECKOUT}/profiles`], overlayDirs: [overlays], sets: [], cwd: CHECKOUT };
	const lines = explain(await resolveProfile("slurm", options)).map(({ path, value, file }) => `${path} = ${value}  ← ${file}`);
	await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(`${EXPECTED}slurm-explained.txt`);
});
