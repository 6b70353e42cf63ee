import { chmod, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { controllerKeys, newIdentity, readSecrets, renderSecrets, writeSecrets } from "../../../../cluster/describe/secrets.ts";
import { rawPublicKey } from "../../../../core/node/keys.ts";
import { keyNumber } from "../../../core/node/people.ts";
import { described, emptyFolder, FIVE, HEAD, problemsOf, SECRETS } from "./samples.ts";

/** What is wrong when secrets.toml holds this text. */
async function said(text: string, mode = 0o600) {
	const dir = await emptyFolder();
	await writeFile(join(dir, "secrets.toml"), text);
	await chmod(join(dir, "secrets.toml"), mode);
	return problemsOf(() => readSecrets(".", dir));
}

describe("secrets.toml", () => {
	it("is read as it was written, 0600 whatever was there", async () => {
		const dir = await emptyFolder();
		await writeFile(join(dir, "secrets.toml"), "old", { mode: 0o644 });
		await writeSecrets(dir, SECRETS);
		expect(await readSecrets(dir)).toEqual(SECRETS);
		expect((await stat(join(dir, "secrets.toml"))).mode & 0o777).toBe(0o600);
	});

	it.each([0o640, 0o604, 0o620])("is refused with mode %o, with the command that mends it", async (mode) => {
		const [problem] = await said(renderSecrets(SECRETS), mode);
		expect(problem).toMatchObject({ fix: "chmod 600 secrets.toml" });
	});

	it("is refused as a link: what it points to could be anybody's", async () => {
		const dir = await emptyFolder();
		await writeFile(join(dir, "real"), renderSecrets(SECRETS), { mode: 0o600 });
		await symlink("real", join(dir, "secrets.toml"));
		expect(await problemsOf(() => readSecrets(dir))).toMatchObject([{ message: expect.stringContaining("not a plain file") }]);
	});

	it("is missed aloud", async () => {
		const dir = await emptyFolder();
		expect(await problemsOf(() => readSecrets(".", dir))).toMatchObject([{ message: "secrets.toml is not there" }]);
	});

	it("never gets into an error, whatever is wrong with it", async () => {
		const whole = renderSecrets(SECRETS);
		const secret = [
			SECRETS.master,
			...SECRETS.controller.map(({ identity }) => identity),
			...SECRETS.admin_ssh_key.split("\n").slice(1, -2),
		];
		const spoiled = [
			whole.replace("master = ", "master = x"),
			whole.replace(`"${SECRETS.master}"`, `"${SECRETS.master.slice(2)}"`),
			whole.replace(`"${SECRETS.master}"`, SECRETS.master),
			whole.replace("master =", "mister ="),
			whole.replace("version = 1", "version = 2"),
			whole.replace("-----BEGIN", "-----BEGUN"),
			whole.replace(SECRETS.controller[0]!.identity, SECRETS.controller[0]!.identity.slice(4)),
			whole.replaceAll('"', ""),
			`${whole}\n"${SECRETS.master}" = 1\n`,
			`${whole}\n["${SECRETS.master}"]\n`,
		];
		for (const text of spoiled) {
			const problems = await said(text);
			expect(problems.length, text).toBeGreaterThan(0);
			for (const piece of secret) expect(JSON.stringify(problems)).not.toContain(piece.slice(4, 30));
			for (const { where } of problems) expect(where).toMatchObject({ file: "secrets.toml" });
		}
	});

	it("has a head that says what it is", () => {
		expect(renderSecrets(SECRETS)).toMatch(/^# The secrets of a ClusterOS cluster\. .*0600/);
	});
});

describe("controllerKeys", () => {
	it("are the public halves, in the order of cluster.toml", () => {
		const two = described(
			`${HEAD}[[node]]\nname = "c2"\nroles = ["controller"]\n[[node]]\nname = "c1"\nroles = ["controller"]\n`,
		);
		const key = (n: number) => rawPublicKey(keyNumber(n)).toString("base64");
		expect(controllerKeys(two, SECRETS)).toEqual([
			{ name: "c2", key: key(2) },
			{ name: "c1", key: key(1) },
		]);
	});

	it("are missed by name, with the command that makes them", async () => {
		const [problem] = await problemsOf(() => controllerKeys(described(FIVE), { ...SECRETS, controller: [] }));
		expect(problem).toMatchObject({
			message: expect.stringContaining("c1 is a controller"),
			fix: "make one: clusteros init /nowhere/lab --repair",
		});
	});
});

describe("newIdentity", () => {
	it("is another one every time", () => {
		expect(newIdentity()).not.toBe(newIdentity());
	});
});
