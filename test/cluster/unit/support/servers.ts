import { existsSync } from "node:fs";
import { describe } from "vitest";
import { SSHD } from "./sshd.ts";

/** A suite that wants OpenSSH's server; where there is none its name says that it was skipped, and why. */
export function withSshd(title: string, suite: () => void): void {
	const isThere = existsSync(SSHD);
	describe.skipIf(!isThere)(isThere ? title : `${title} (skipped: no ${SSHD}: apt install openssh-server)`, suite);
}
