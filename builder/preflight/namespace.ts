import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { userInfo } from "node:os";
import { join } from "node:path";
import { ToolError } from "../../core/errors.ts";
import { run } from "../../core/process/run.ts";
import type { Finding } from "./finding.ts";

const WHY = "to build without touching this machine";

/** Each stage names itself before it is tried: the last name printed is what failed. */
const SCRIPT = `
cd "$1"
echo overlay; mkdir lower upper work merged
mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work$2 overlay merged
echo owner; : >merged/file; chown 1:1 merged/file
echo proc; mount -t proc proc /proc
echo all`;

/**
 * Makes what a build works in: a mount and process namespace (for an ordinary user inside a user namespace with a range of ids),
 * an overlay mount on the disk of `dir`, a foreign owner, /proc. Tried, because no file says whether it is allowed.
 */
export async function tryNamespace(dir: string, isRoot: boolean): Promise<Finding> {
	const base = { name: "namespaces", why: WHY };
	let work: string | undefined;
	let stage = "namespace";
	try {
		await mkdir(dir, { recursive: true });
		work = await mkdtemp(join(dir, "namespace-"));
		await run(namespaceArgs(work, isRoot), {
			doing: "making a namespace",
			timeout: 20_000,
			onLine: (line, from) => {
				if (from === "stdout") stage = line;
			},
		});
		return { ...base, ok: true };
	} catch (error) {
		const said = error instanceof ToolError ? (error.failure.tail.at(-1) ?? error.message) : (error as Error).message;
		return { ...base, ok: false, message: `no namespace can be made here (${said})`, fix: await fixFor(stage, isRoot, dir) };
	} finally {
		// The file belongs to a foreign id, but its folder is ours: removing it is allowed.
		if (work) await rm(work, { recursive: true, force: true }).catch(() => {});
	}
}

function namespaceArgs(dir: string, isRoot: boolean): string[] {
	const user = isRoot ? [] : ["--user", "--map-root-user", "--map-auto"];
	const overlay = isRoot ? "" : ",userxattr";
	return ["unshare", ...user, "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", SCRIPT, "sh", dir, overlay];
}

async function fixFor(stage: string, isRoot: boolean, dir: string): Promise<string> {
	if (stage === "overlay") {
		return `${dir} lies on a filesystem that cannot hold an overlay (a container's own, NFS): take another with --cache-dir`;
	}
	if (isRoot) return "in a container, start it with --privileged (it lacks CAP_SYS_ADMIN)";
	if (stage === "proc")
		return "in a container, start it with --privileged: parts of its /proc are hidden, which forbids a new one";
	return namespaceFix(await readHostRules());
}

/** What decides about user namespaces, as the kernel's and the user database's files say it; undefined where there is no such file. */
export interface HostRules {
	readonly user: string;
	readonly uid: number;
	readonly apparmor: string | undefined;
	readonly clone: string | undefined;
	readonly maximum: string | undefined;
	readonly subuid: string | undefined;
	readonly subgid: string | undefined;
}

/** Names the rule that is in the way and the command that changes it. */
export function namespaceFix(rules: HostRules): string {
	const sysctl = (setting: string) =>
		`sudo sysctl -w ${setting}   (until the next boot; for good: a line in /etc/sysctl.d/60-clusteros.conf), or build as root`;
	if (!hasRange(rules.subuid, rules) || !hasRange(rules.subgid, rules)) {
		return `sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${rules.user}`;
	}
	if (rules.apparmor === "1") return sysctl("kernel.apparmor_restrict_unprivileged_userns=0");
	if (rules.clone === "0") return sysctl("kernel.unprivileged_userns_clone=1");
	if (rules.maximum === "0") return sysctl("user.max_user_namespaces=15000");
	return "in a container, start it with --privileged; elsewhere, build as root";
}

/** mmdebstrap wants 65536 ids. */
function hasRange(file: string | undefined, { user, uid }: HostRules): boolean {
	const lines = (file ?? "").split("\n").map((line) => line.split(":"));
	return lines.some(([owner, , count]) => (owner === user || owner === String(uid)) && Number(count) >= 65_536);
}

async function readHostRules(): Promise<HostRules> {
	const { username: user, uid } = userInfo();
	const read = (file: string) =>
		readFile(file, "utf8").then(
			(text) => text.trim(),
			() => undefined,
		);
	const [apparmor, clone, maximum, subuid, subgid] = await Promise.all(
		[
			"/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
			"/proc/sys/kernel/unprivileged_userns_clone",
			"/proc/sys/user/max_user_namespaces",
			"/etc/subuid",
			"/etc/subgid",
		].map(read),
	);
	return { user, uid, apparmor, clone, maximum, subuid, subgid };
}
