import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createCluster, repairSecrets } from "../../../../cluster/describe/create.ts";
import { clusterText } from "../../../../cluster/describe/draft-text.ts";
import { describeText, readCluster, readSecrets } from "../../../../cluster/describe/read.ts";
import { controllerKeys, writeSecrets } from "../../../../cluster/describe/secrets.ts";
import { publicHalfOf } from "../../../../cluster/describe/ssh-keys.ts";
import { emptyFolder, NEW, PUBLIC_KEY, problemsOf } from "./samples.ts";

/** Another number each time, as bytes. */
function counter() {
	let n = 0;
	return (bytes: number) => Buffer.alloc(bytes, ++n);
}

describe("createCluster", () => {
	it("makes a folder that is read back as it was wanted", async () => {
		const dir = join(await emptyFolder(), "deep/lab");
		await createCluster(dir, NEW, counter());
		const described = await readCluster(dir);
		const secrets = await readSecrets(dir);
		expect(described.nodes.map(({ name }) => name)).toEqual(["c1", "n1", "n2"]);
		expect(described.users.map(({ name, keys }) => [name, keys])).toEqual([
			["clusteros", [PUBLIC_KEY]],
			["ada", [PUBLIC_KEY]],
		]);
		expect(described.partitions).toEqual([{ name: "main", nodes: "all", default: true }]);
		expect(controllerKeys(described, secrets)).toHaveLength(1);
		expect(publicHalfOf(secrets.admin_ssh_key, "me")).toMatch(/^ssh-ed25519 \S+ me$/);
		expect(secrets.master).not.toBe(secrets.admin_ssh_key);
		expect((await readdir(dir)).toSorted()).toEqual([".gitignore", "cluster.toml", "secrets.toml"]);
	});

	it("keeps the secrets from others, and out of version control", async () => {
		const dir = await emptyFolder();
		await writeFile(join(dir, ".gitignore"), "*.log");
		await createCluster(dir, NEW, counter());
		expect((await stat(join(dir, "secrets.toml"))).mode & 0o777).toBe(0o600);
		const ignored = (await readFile(join(dir, ".gitignore"), "utf8")).split("\n");
		expect(ignored).toEqual(expect.arrayContaining(["*.log", "/secrets.toml", "/.clusteros/"]));
	});

	it("writes no secret into cluster.toml", async () => {
		const dir = await emptyFolder();
		await createCluster(dir, NEW, counter());
		const { master, controller, admin_ssh_key } = await readSecrets(dir);
		const text = await readFile(join(dir, "cluster.toml"), "utf8");
		for (const secret of [master, controller[0]!.identity, admin_ssh_key.split("\n")[1]!]) expect(text).not.toContain(secret);
	});

	it.each(["cluster.toml", "secrets.toml"])("overwrites no %s", async (name) => {
		const dir = await emptyFolder();
		await writeFile(join(dir, name), "mine");
		const [problem] = await problemsOf(() => createCluster(dir, NEW, counter()));
		expect(problem!.message).toContain(`${name} is there already`);
		expect(await readFile(join(dir, name), "utf8")).toBe("mine");
		expect(await readdir(dir)).toEqual([name]);
	});

	it("writes nothing when the cluster could not be right", async () => {
		const dir = await emptyFolder();
		const wrong = { ...NEW, partitions: [{ name: "gpu", nodes: "n[7-8]" }], user: { name: "root", uid: 2000 } };
		const problems = await problemsOf(() => createCluster(dir, wrong, counter()));
		expect(problems.map(({ message }) => message)).toEqual([
			'"root" is an account of the system',
			'no node is called "n7"',
			'no node is called "n8"',
		]);
		expect(problems[0]!.where).toBeUndefined();
		expect(await readdir(dir)).toEqual([]);
	});

	it("leaves nothing half-made", async () => {
		const dir = await emptyFolder();
		const broken = () => {
			throw new Error("no random bytes");
		};
		await expect(createCluster(dir, NEW, broken)).rejects.toThrow("no random bytes");
		expect(await readdir(dir)).toEqual([]);
	});
});

describe("clusterText", () => {
	it("keeps awkward values as they are", () => {
		const value = fc.string({ unit: "binary" }).filter((text) => text.trim() === text && text !== "");
		fc.assert(
			fc.property(value, (serial) => {
				const text = clusterText({ ...NEW, nodes: [{ name: "c1", roles: ["controller"], serial }] });
				expect(describeText(text, "/nowhere").nodes[0]!.serial).toBe(serial);
			}),
		);
	});
});

describe("repairSecrets", () => {
	it("makes identities for new controllers, and changes nothing else", async () => {
		const dir = await emptyFolder();
		await createCluster(dir, NEW, counter());
		const before = await readSecrets(dir);
		expect(await repairSecrets(dir, counter())).toEqual({ identities: [], k3s: false });
		const file = join(dir, "cluster.toml");
		await writeFile(file, `${await readFile(file, "utf8")}\n[[node]]\nname = "c2"\nroles = ["controller"]\n`);
		expect(await repairSecrets(dir, counter())).toEqual({ identities: ["c2"], k3s: false });
		const after = await readSecrets(dir);
		expect(after).toMatchObject({ ...before, controller: [before.controller[0], { name: "c2" }] });
		expect(controllerKeys(await readCluster(dir), after)).toHaveLength(2);
	});

	it("gives k3s its secrets where a cluster is older than they are, once", async () => {
		const dir = await emptyFolder();
		await createCluster(dir, NEW, counter());
		const { k3s, ...older } = await readSecrets(dir);
		await writeSecrets(dir, older);
		expect(await repairSecrets(dir, counter())).toEqual({ identities: [], k3s: true });
		const after = await readSecrets(dir);
		expect(after).toMatchObject(older);
		expect(after.k3s!.ca_key).not.toBe(k3s!.ca_key);
		expect(await repairSecrets(dir, counter())).toEqual({ identities: [], k3s: false });
		expect(await readSecrets(dir)).toEqual(after);
	});
});
