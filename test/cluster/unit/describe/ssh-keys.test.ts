import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newSshKey } from "../../../../cluster/describe/new-ssh-key.ts";
import { publicHalfOf, publicKeyProblem } from "../../../../cluster/describe/ssh-keys.ts";
import { run } from "../../../../core/process/run.ts";
import { missing, named } from "../../../qemu/programs.ts";
import { emptyFolder, PUBLIC_KEY } from "./samples.ts";

const lacking = missing("ssh-keygen");

describe("publicKeyProblem", () => {
	const [type, base64] = PUBLIC_KEY.split(" ") as [string, string, string];

	it.each([
		PUBLIC_KEY,
		`${type} ${base64}`,
		`  ${PUBLIC_KEY} with spaces  `,
		`no-pty,from="10.0.0.0/8, 192.168.0.0/16" ${PUBLIC_KEY}`,
		`command="echo \\"hi\\"",no-pty ${type} ${base64}`,
	])("has nothing against %s", (line) => {
		expect(publicKeyProblem(line)).toBeUndefined();
	});

	it.each([
		["", "no ssh public key"],
		["ssh-ed25519", "no ssh public key"],
		[`ssh-dsa ${base64}`, "no ssh public key"],
		[`ssh-rsa ${base64}`, "not of the type ssh-rsa"],
		[`${type} ${base64.slice(0, -4)}`, "damaged"],
		[`${type} ${base64}AAAA`, "damaged"],
		[`${PUBLIC_KEY}\n${PUBLIC_KEY}`, "one line"],
		["-----BEGIN OPENSSH PRIVATE KEY-----", "private key"],
	])("%j: %s", (line, said) => {
		expect(publicKeyProblem(line)).toContain(said);
	});

	it("takes any text for what it is, and never throws", () => {
		fc.assert(fc.property(fc.string(), (text) => publicKeyProblem(text) !== undefined));
	});
});

describe.skipIf(lacking.length > 0)(named("ssh keys of ours and ssh-keygen's", lacking), () => {
	it("read a new key of ours as ssh does", async () => {
		const file = join(await emptyFolder(), "key");
		const comments = ["admin@lab", "", "äöü", "x".repeat(33)];
		for (const [n, comment] of comments.entries()) {
			const key = newSshKey(Buffer.alloc(32, n), comment);
			await writeFile(file, key, { mode: 0o600, flag: "w" });
			const { stdout } = await run(["ssh-keygen", "-y", "-f", file], { doing: "reading our key" });
			expect(publicHalfOf(key, comment)!.trim()).toBe(stdout.trim());
			expect(publicKeyProblem(stdout.trim())).toBeUndefined();
		}
	});

	it.each(["ed25519", "rsa", "ecdsa"])("find the public half of ssh-keygen's %s key", async (type) => {
		const file = join(await emptyFolder(), "key");
		await run(["ssh-keygen", "-q", "-t", type, "-N", "", "-C", "me@here", "-f", file], { doing: "making a key" });
		const { stdout } = await run(["cat", file, `${file}.pub`], { doing: "reading it" });
		const [secret, open] = stdout.split(/(?<=PRIVATE KEY-----\n)(?=ssh|ecdsa)/);
		expect(publicHalfOf(secret!, "me@here")).toBe(open!.trim());
		expect(publicKeyProblem(open!.trim())).toBeUndefined();
	});

	it("make another key of other random bytes", async () => {
		expect(newSshKey(Buffer.alloc(32, 1), "a")).not.toBe(newSshKey(Buffer.alloc(32, 2), "a"));
		expect(publicHalfOf("no key", "")).toBeUndefined();
	});
});
