import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What only the tests need: a signed archive of their own, and a user without rights. */
const NEEDED = [
	{ program: "apt-ftparchive", package: "apt-utils" },
	{ program: "gpg", package: "gpg" },
	{ program: "gpg-agent", package: "gpg-agent" },
	{ program: "newuidmap", package: "uidmap" },
	{ program: "useradd", package: "passwd" },
];
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".split(":");

/** Installs them as root or through a sudo that asks nothing; says what it does. Returns why tests cannot run, nothing when they can. */
export function testPackages(install) {
	const missing = NEEDED.filter(({ program }) => !PATH.some((dir) => existsSync(join(dir, program)))).map((need) => need.package);
	if (missing.length === 0) return undefined;
	const sudo = process.getuid() === 0 ? [] : ["sudo", "-n"];
	const argv = [...sudo, "apt-get", "install", "--yes", "--no-install-recommends", ...missing];
	const line = argv.filter((word) => word !== "-n").join(" ");
	if (!install) return `${missing.join(", ")} missing: ${line}`;
	console.log(`Installing what the tests need: ${missing.join(" ")}`);
	const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
	const { status } = spawnSync(argv[0], argv.slice(1), { stdio: ["ignore", "ignore", 2], env });
	return status === 0 ? undefined : `${missing.join(", ")} could not be installed: ${line}`;
}
