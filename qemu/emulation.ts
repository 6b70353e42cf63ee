import type { Accel } from "./machine.ts";

/**
 * All that differs between KVM and software emulation, in one place. Measured on QEMU 7.2 and 10.0, boot to login of one VM:
 * `-cpu max` 44-48 s, this model 37-43 s, with the kernel arguments 33-36 s. No AVX to emulate, and AMD, so that the kernel
 * sees no need to isolate page tables. QEMU 7.2 double-faults in cmpxchg16b under `-cpu max` with kernel 6.12. Without svm the
 * guest does not load the KVM modules, which is worth another second.
 */
const EMULATED_CPU = "qemu64,-svm,+ssse3,+sse4.1,+sse4.2,+popcnt";

/** tb-size in MiB: the default cache of translated code grows to a GB and more a VM. */
const EMULATOR = "tcg,thread=multi,tb-size=256";

/**
 * For guests under emulation only: nothing to mitigate there, no self-tests worth seconds. Not `tsc=reliable`: on a busy host the
 * kernel (6.12) may measure a third of the TSC's frequency at boot, its clock runs three times too fast then, and only the
 * watchdog that this argument switches off finds that out.
 */
const EMULATION_KERNEL_ARGS = ["mitigations=off", "cryptomgr.notests", "nokaslr", "audit=0", "no_timer_check"] as const;

/** Processor and accelerator of a machine. */
export function accelArgs(accel: Accel): string[] {
	return accel === "kvm" ? ["-accel", "kvm", "-cpu", "host"] : ["-accel", EMULATOR, "-cpu", EMULATED_CPU];
}

/** A kernel's command line with what `accel` wants added; known only where QEMU loads the kernel itself. */
export function kernelCommandLine(append: string, accel: Accel): string {
	return accel === "kvm" ? append : [append, ...EMULATION_KERNEL_ARGS].join(" ");
}

/** How much longer than under KVM a guest may take; generous, since a deadline that is too short is a flaky test. */
const PATIENCE: Readonly<Record<Accel, number>> = { kvm: 1, tcg: 8 };

/** Milliseconds to allow for what takes `seconds` under KVM. */
export function patience(seconds: number, accel: Accel): number {
	return seconds * 1000 * PATIENCE[accel];
}
