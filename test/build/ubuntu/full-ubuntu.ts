import { join } from "node:path";
import type { Request } from "../../../builder/apt/solve.ts";
import { requestsOf } from "../../../builder/observe/packages.ts";
import { readBase } from "../../../builder/profile/base.ts";
import { readOverlay } from "../../../builder/profile/overlay.ts";
import { resolveProfile } from "../../../builder/profile/resolve.ts";
import { run } from "../../../core/process/run.ts";
import { ROOT } from "../support/cli.ts";
import type { Component, Placed } from "./archive.ts";
import { debianDebs } from "./debian-debs.ts";
import { remakeDeb, type SmallDeb } from "./small-deb.ts";
import { makeStandIns } from "./stand-ins.ts";

/** Versions that only the pockets have. Ubuntu's base-files is 13ubuntu10; Debian's dbus would not take it. */
export const NEWER = { "base-files": "14ubuntu1.3", munge: "0.5.16-1.1ubuntu0.1" } as const;

const OS_RELEASE = `PRETTY_NAME="Ubuntu 24.04.3 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
`;

/**
 * Everything that `slurm` needs on Ubuntu: Debian 13's packages for what both have under one name, stand-ins for what
 * only Ubuntu has. base-files says that it is Ubuntu and has an update, apt wants Ubuntu's keyring, munge has a fix.
 */
export async function slurmOnUbuntu(dir: string): Promise<Placed[]> {
	const common = await debianDebs(await requests(), join(dir, "debian"));
	const remade = async (suite: Placed["suite"], change: Omit<SmallDeb, "control">): Promise<Placed> => {
		const { deb } = common.find(({ name }) => name === change.name)!;
		return { deb: await remakeDeb(deb, change, join(dir, "made", suite)), suite, component: componentOf(change.name) };
	};
	const files = { "/usr/lib/os-release": OS_RELEASE };
	const apt = common.find(({ name }) => name === "apt")!.deb;
	const replaced = ["apt", "base-files", "debian-archive-keyring"];
	return [
		...common
			.filter(({ name }) => !replaced.includes(name))
			.map(({ name, deb }): Placed => ({ deb, suite: "noble", component: componentOf(name) })),
		await remade("noble", { name: "base-files", version: "14ubuntu1", files }),
		await remade("noble-updates", { name: "base-files", version: NEWER["base-files"], files }),
		await remade("noble", { name: "apt", version: "3.0.4ubuntu1", fields: { Depends: await withUbuntusKeyring(apt) } }),
		await remade("noble-security", { name: "munge", version: NEWER.munge }),
		...(await makeStandIns(join(dir, "stand-ins"))),
	];
}

/** What the profile asks for, in Debian's names, without the kernel and what signs the boot. */
async function requests(): Promise<Request[]> {
	const dirs = { profileDirs: [join(ROOT, "profiles")], overlayDirs: [join(ROOT, "overlays")] };
	const { profile } = await resolveProfile("slurm", { ...dirs, sets: [], cwd: ROOT });
	const { base } = await readBase("debian-13", [join(ROOT, "profiles/bases")]);
	const overlays = await Promise.all(profile.overlays.map(async ({ name, dir }) => ({ name, overlay: await readOverlay(dir) })));
	const amd64 = base.arch.amd64!;
	const boot_packages = ["grub-pc", "grub2-common", "linux-base", "mokutil"];
	const arch = { amd64: { ...amd64, kernels: { ...amd64.kernels, [profile.kernel.flavour]: [] }, boot_packages } };
	return requestsOf(profile, { ...base, arch }, "amd64", overlays);
}

async function withUbuntusKeyring(deb: string): Promise<string> {
	const { stdout } = await run(["dpkg-deb", "--field", deb, "Depends"], { doing: "reading apt's dependencies" });
	return stdout.trim().replace("debian-archive-keyring", "ubuntu-keyring");
}

function componentOf(name: string): Component {
	return /^(lib)?(munge|slurm|pmix|serf|hwloc|jwt)/.test(name) ? "universe" : "main";
}
