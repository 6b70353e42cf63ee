import { existsSync } from "node:fs";
import { describe } from "vitest";
import { SSHD } from "./sshd.ts";

/** A suite that wants OpenSSH's server; where there is none its name says that it was skipped, and why. */
export function withSshd(title: string, suite: () => void): void {
	const isThere = existsSync(SSHD);
	const name = isThere ? title : `${title} (skipped: no ${SSHD}: apt install openssh-server)`;
	// A connection costs a tenth of a second on a machine that is idle, and ten times that where machines boot beside it.
	describe.skipIf(!isThere)(name, { timeout: 90_000 }, suite);
}
