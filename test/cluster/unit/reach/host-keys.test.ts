import { describe, expect, it } from "vitest";
import { hasHostKey, hostAlias, shownHostKey, withHostKey } from "../../../../cluster/reach/host-keys.ts";

const key = (letter: string) => `ssh-ed25519 ${letter.repeat(68)}`;

describe("shownHostKey", () => {
	it("is the last one, whatever stands before it in its line", () => {
		const serial = `boot\r\n\u001b[6nclusteros-hostkey n1 ${key("A")}\r\nclusteros n1 ready\nclusteros-hostkey n1 ${key("B")}\r\n`;
		expect(shownHostKey(serial)).toBe(key("B"));
	});

	it("is none that is still being written, and none where nothing is shown", () => {
		expect(shownHostKey(`clusteros-hostkey n1 ${key("A").slice(0, -1)}`)).toBeUndefined();
		expect(shownHostKey("login:")).toBeUndefined();
	});
});

describe("withHostKey", () => {
	const alias = hostAlias("6f0c1f2e-8f0a-4c5e-9a57-1f6f0a3d2b11", "n1");
	const before = `${alias}0 ${key("X")}\n${alias} ${key("A")}\n`;

	it("puts one key in the place of another, and takes it out", () => {
		expect(alias).toBe("clusteros-6f0c1f2e-n1");
		expect(withHostKey(before, alias, key("B"))).toBe(`${alias}0 ${key("X")}\n${alias} ${key("B")}\n`);
		expect(withHostKey(before, alias, undefined)).toBe(`${alias}0 ${key("X")}\n`);
		expect(hasHostKey(before, alias)).toBe(true);
		expect(hasHostKey(withHostKey(before, alias, undefined), alias)).toBe(false);
	});
});
