import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { itIsUp } from "./checks.ts";
import { bootGuest, type Guest } from "./guest.ts";

describe("OVMF with Secure Boot enforced, with a seed", () => {
	let guest: Guest;

	beforeAll(async () => {
		guest = await bootGuest({ firmware: "secureboot", seed: true });
		await guest.reachable();
	});

	afterAll(() => guest?.[Symbol.asyncDispose]());

	it("has checked what it booted", async () => {
		const variable = "/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
		// Four bytes of attributes, then 1 where signatures are enforced.
		expect((await guest.run(["od", "-An", "-tu1", variable])).trim()).toMatch(/ 1$/);
		expect(await guest.run(["sudo", "cat", "/sys/kernel/security/lockdown"])).toContain("[integrity]");
	});

	itIsUp(() => guest);
});
