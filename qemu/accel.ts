import { constants, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { may } from "../core/access.ts";
import { ToolError } from "../core/errors.ts";
import { run } from "../core/process/run.ts";
import type { Accel } from "./machine.ts";
import { probeDisk, REPORT_DEVICE, REPORTED } from "./probe-guest.ts";

/** How guests run on this machine; `reason` is for people: why not KVM, or that a guest ran. */
export interface Acceleration {
	readonly accel: Accel;
	readonly reason: string;
}

/** What {@link probeAcceleration} may ask of the machine; replaced in tests. */
export interface AccelerationHost {
	readonly kvm: string;
	readonly qemu: string;
	/** The kernel's boot id: an answer holds until the next boot. */
	bootId(): Promise<string>;
}

const THIS_HOST: AccelerationHost = {
	kvm: "/dev/kvm",
	qemu: "qemu-system-x86_64",
	bootId: async () => (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim(),
};

/** Milliseconds. Working KVM needs 100; one that takes longer than this is slower than emulation. */
const PATIENCE = 4000;

/**
 * Whether guests run under KVM here. Opening /dev/kvm proves nothing (nested and partial KVMs open and then die), so a tiny
 * guest is run, once per boot and user: the answer is kept in `cacheDir`. Never throws.
 */
export async function probeAcceleration(
	{ cacheDir }: { readonly cacheDir: string },
	host: AccelerationHost = THIS_HOST,
): Promise<Acceleration> {
	const barred = await whyNoDevice(host.kvm);
	if (barred) return { accel: "tcg", reason: barred };
	const file = join(cacheDir, `acceleration-${process.getuid?.() ?? 0}.json`);
	const boot = await host.bootId();
	const known = await readAnswer(file, boot);
	if (known) return known;
	const answer = await tryGuest(cacheDir, host.qemu);
	// Without a guest that ran or died there is nothing to remember: QEMU may be installed a minute from now.
	if (answer.tried) await keepAnswer(file, { boot, accel: answer.accel, reason: answer.reason }).catch(() => {});
	return { accel: answer.accel, reason: answer.reason };
}

async function whyNoDevice(device: string): Promise<string | undefined> {
	if (!(await may(device))) return `there is no ${device}`;
	if (!(await may(device, constants.R_OK | constants.W_OK))) {
		return `${device} is there but this user may not open it: sudo usermod -aG kvm $USER, then log in again`;
	}
	return undefined;
}

async function readAnswer(file: string, boot: string): Promise<Acceleration | undefined> {
	try {
		const known = JSON.parse(await readFile(file, "utf8"));
		const { accel, reason } = known;
		return known.boot === boot && (accel === "kvm" || accel === "tcg") ? { accel, reason: String(reason) } : undefined;
	} catch {
		return undefined;
	}
}

async function keepAnswer(file: string, answer: Acceleration & { boot: string }): Promise<void> {
	const half = `${file}.${process.pid}`;
	await writeFile(half, `${JSON.stringify(answer)}\n`);
	await rename(half, file);
}

async function tryGuest(cacheDir: string, qemu: string): Promise<Acceleration & { tried: boolean }> {
	let dir: string | undefined;
	const lines: string[] = [];
	try {
		await mkdir(cacheDir, { recursive: true });
		dir = await mkdtemp(join(cacheDir, "probe-"));
		const disk = join(dir, "disk.raw");
		await writeFile(disk, probeDisk());
		await run(guestArgs(qemu, disk, "kvm"), {
			doing: "running a tiny guest under KVM",
			ok: [REPORTED],
			timeout: PATIENCE,
			onLine: (line) => lines.push(line),
		});
		return { accel: "kvm", reason: "a guest ran under it", tried: true };
	} catch (error) {
		return { accel: "tcg", ...whatHappened(error, lines) };
	} finally {
		if (dir) await rm(dir, { recursive: true, force: true });
	}
}

/** Under KVM the processor is the host's own, as real guests get it: that alone fails on some nested KVMs. */
export function guestArgs(qemu: string, disk: string, accel: Accel): string[] {
	const bare = ["-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-m", "16"];
	const processor = ["-accel", accel, "-cpu", accel === "kvm" ? "host" : "max"];
	return [qemu, ...processor, ...bare, "-drive", `file=${disk},format=raw,if=ide`, "-device", REPORT_DEVICE];
}

function whatHappened(error: unknown, lines: readonly string[]): { reason: string; tried: boolean } {
	if (!(error instanceof ToolError)) return { reason: `KVM could not be tried: ${(error as Error).message}`, tried: false };
	const { exitCode, tail } = error.failure;
	if (tail.some((line) => line.includes("ENOENT"))) return { reason: "QEMU is not installed", tried: false };
	const said = lines.find((line) => /internal error|emulation failure|\berror:|failed|could not/i.test(line));
	const code = exitCode === null ? `no answer in ${PATIENCE / 1000} s` : `exit code ${exitCode}`;
	const why = said?.replace(/^\S*qemu-system-\S+: /, "") ?? code;
	return { reason: `KVM is present but guests do not run under it (${why})`, tried: true };
}
