import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What no image may hold: secrets and identities that installing made, and traces of the build. */

/** Files and folders that go; a last part `*` empties the folder. */
const GONE = [
	"etc/munge/munge.key",
	"etc/ssh/ssh_host_*",
	"var/lib/systemd/random-seed",
	"var/lib/systemd/credential.secret",
	"var/lib/dbus/machine-id",
	"etc/hostname",
	"etc/resolv.conf",
	"etc/apt/apt.conf.d/00mmdebstrap",
	"etc/apt/apt.conf.d/99mmdebstrap",
	"etc/dpkg/dpkg.cfg.d/99mmdebstrap",
	// The build's own sources; the image's come from an overlay.
	"etc/apt/sources.list",
	"etc/apt/sources.list.d/0000*",
	"etc/passwd-",
	"etc/group-",
	"etc/shadow-",
	"etc/gshadow-",
	"etc/subuid-",
	"etc/subgid-",
	"etc/.pwd.lock",
	"usr/sbin/policy-rc.d",
	"var/cache/apt/*",
	"var/lib/apt/lists/*",
	"var/cache/ldconfig/aux-cache",
	"var/cache/debconf/*-old",
	"var/cache/debconf/tmp.ci",
	"var/lib/dpkg/*-old",
	"var/lib/dpkg/lock",
	"var/lib/dpkg/lock-frontend",
	"var/log/alternatives.log",
	"var/log/dpkg.log",
	"var/log/bootstrap.log",
	"var/log/apt/*",
	// mmdebstrap makes device nodes as root and cannot as a user; the kernel mounts its own devtmpfs.
	"dev/*",
	"run/*",
	"tmp/*",
	"var/tmp/*",
	"root/.cache",
	"usr/share/python3/debpython/__pycache__",
];

/** Removes all of it from a tree, or from a layer's own changes; paths in `spare` (absolute in the image) were put there on purpose. */
export async function clean(root: string, spare: ReadonlySet<string> = new Set()): Promise<void> {
	for (const pattern of GONE) {
		for (const path of await matches(root, pattern)) {
			if (!spare.has(path.slice(root.length))) await rm(path, { recursive: true, force: true });
		}
	}
	// Empty, not absent: systemd makes an id on the first boot (machine-id(5)).
	await truncate(join(root, "etc/machine-id")).catch(ignoreMissing);
}

/** Makes the empty machine-id when no package did. */
export async function emptyMachineId(root: string): Promise<void> {
	await writeFile(join(root, "etc/machine-id"), "", { mode: 0o444 });
}

async function matches(root: string, pattern: string): Promise<string[]> {
	const parts = pattern.split("/");
	const last = parts.pop()!;
	const dir = join(root, ...parts);
	if (!last.includes("*")) return [join(dir, last)];
	const [before, after] = last.split("*") as [string, string];
	const names = await readdir(dir).catch(() => [] as string[]);
	return names.filter((name) => name.startsWith(before) && name.endsWith(after)).map((name) => join(dir, name));
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
	if (error.code !== "ENOENT") throw error;
}
