import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { load } from "js-yaml";
import { describe, expect, it, vi } from "vitest";
import { initCommand } from "../../../builder/cli/init-options.ts";
import { seedFiles } from "../../../builder/cli/seed-files.ts";
import { seedCommand } from "../../../builder/cli/seed-options.ts";
import { readCluster, readSecrets } from "../../../cluster/describe/read.ts";
import { UserError } from "../../../core/errors.ts";
import { emptyFolder, PUBLIC_KEY } from "../../cluster/unit/describe/samples.ts";
import { missing, named } from "../../qemu/programs.ts";

const context = { signal: new AbortController().signal };
const commands = { init: initCommand, seed: seedCommand };

/** What `clusteros COMMAND ARGS` prints. */
async function ran(command: keyof typeof commands, ...args: string[]): Promise<string> {
	let printed = "";
	const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
		printed += text;
		return true;
	});
	try {
		await commands[command]("clusteros", context)
			.exitOverride()
			.configureOutput({ outputError: () => {} })
			.parseAsync(args, { from: "user" });
	} finally {
		write.mockRestore();
	}
	return printed;
}

/** What the command has against it, fixes included. */
async function refused(command: keyof typeof commands, ...args: string[]): Promise<string> {
	try {
		await ran(command, ...args);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		return error.problems.map(({ message, fix }) => `${message} | ${fix}`).join("\n");
	}
	throw new Error("it was accepted");
}

/** A folder with a cluster of three nodes. */
async function lab(...more: string[]): Promise<string> {
	const dir = join(await emptyFolder(), "lab");
	await ran("init", dir, ...more);
	return dir;
}

describe("clusteros init", () => {
	it("describes as many nodes as are asked for, and says what comes next", async () => {
		const dir = join(await emptyFolder(), "My Lab");
		const said = await ran(
			"init",
			dir,
			"--nodes",
			"7",
			"--controllers",
			"2",
			"--partition",
			"cpu=all",
			"--partition",
			"gpu=n[4-5]",
		);
		const { cluster, nodes, controllers, partitions } = await readCluster(dir);
		expect(cluster.name).toBe("my-lab");
		expect(nodes.map(({ name }) => name).join()).toBe("c1,c2,n1,n2,n3,n4,n5");
		expect(controllers).toEqual(["c1", "c2"]);
		expect(partitions.map(({ name, nodes: of, default: first }) => [name, of, first])).toEqual([
			["cpu", "all", true],
			["gpu", ["n4", "n5"], false],
		]);
		expect(said).toMatch(/^my-lab: 7 nodes \(c\[1-2\],n\[1-5\]\), controllers c\[1-2\]/);
		expect(said).toContain("With k3s: c1 is its server, c2 an agent");
		expect(said).toContain(`clusteros up '${dir}' --image`);
		await expect(readSecrets(dir)).resolves.toMatchObject({ controller: [{ name: "c1" }, { name: "c2" }] });
	});

	it("takes the caller's own public keys, and none that is broken", async () => {
		const home = await emptyFolder();
		await mkdir(join(home, ".ssh"));
		await writeFile(join(home, ".ssh/id_ed25519.pub"), `${PUBLIC_KEY}\n`);
		await writeFile(join(home, ".ssh/broken.pub"), `${PUBLIC_KEY.slice(0, 50)}\n`);
		await writeFile(join(home, ".ssh/id_ed25519"), "a private key");
		vi.stubEnv("HOME", home);
		try {
			const { users } = await readCluster(await lab());
			expect(users.map(({ name, keys }) => [name, keys])).toEqual([
				["clusteros", [PUBLIC_KEY]],
				["user", [PUBLIC_KEY]],
			]);
		} finally {
			vi.unstubAllEnvs();
		}
	});

	it("imports machines from a spreadsheet", async () => {
		const dir = await emptyFolder();
		await writeFile(
			join(dir, "nodes.csv"),
			"name,mac,roles,address\nhead,52-54-00-AA-00-01,controller,10.1.0.5/24\nw1,,,10.1.0.6\n",
		);
		await ran("init", join(dir, "site"), "--import", join(dir, "nodes.csv"));
		const { nodes } = await readCluster(join(dir, "site"));
		expect(nodes).toMatchObject([
			{ name: "head", mac: "52:54:00:aa:00:01", lan: "10.1.0.5/24", reach: { via: "ssh", host: "10.1.0.5", port: 22 } },
			{ name: "w1", roles: ["worker"], lan: "dhcp", reach: { via: "ssh", host: "10.1.0.6", user: "clusteros" } },
		]);
	});

	it("overwrites nothing, and says what else there is to do", async () => {
		const dir = await lab();
		const before = await readFile(join(dir, "secrets.toml"), "utf8");
		expect(await refused("init", dir)).toMatch(/cluster\.toml is there already \| .*--repair/);
		expect(await readFile(join(dir, "secrets.toml"), "utf8")).toBe(before);
		expect(await ran("init", dir, "--repair")).toContain("has all that cluster.toml needs");
	});

	it.each([
		[["--controllers", "4"], /4 controllers, but 3 nodes in all \| such as --nodes 6 --controllers 4/],
		[["--name", "Lab!"], /"Lab!" cannot be a name/],
		[["--mesh", "10.0.0.0/30"], /has room for 1 known node/],
		[["--mesh", "10.0.0.0"], /expected .*10\.0\.0\.0/],
		[["--user", "root"], /"root" is an account of the system/],
	])("%j", async (args, said) => {
		expect(await refused("init", join(await emptyFolder(), "lab"), ...args)).toMatch(said);
	});

	it("prints no secret", async () => {
		const dir = join(await emptyFolder(), "lab");
		const said = (await ran("init", dir)) + (await ran("init", `${dir}2`, "--json"));
		const { master, admin_ssh_key } = await readSecrets(dir);
		expect(said).not.toContain(master);
		expect(said).not.toContain(admin_ssh_key.split("\n")[1]);
	});
});

describe("clusteros seed", () => {
	it("writes plain files that cloud-init reads", async () => {
		const dir = await lab();
		const out = join(dir, "seed");
		expect(await ran("seed", dir, "--node", "n1", "--out", out)).toMatch(/seed of lab\/n1, generation 1/);
		expect((await readdir(out)).toSorted()).toEqual(["meta-data", "user-data"]);
		expect((await stat(join(out, "user-data"))).mode & 0o777).toBe(0o600);
		const text = await readFile(join(out, "user-data"), "utf8");
		expect(text).toMatch(/^#cloud-config\n/);
		expect(load(text)).toMatchObject({
			users: [{ name: "clusteros" }, { name: "user", uid: 2000 }],
			write_files: [{ permissions: "0644" }, { permissions: "0600" }],
		});
	});

	it("makes one for each node of a hostlist, in a folder or by %n, and one for many", async () => {
		const dir = await lab();
		await ran("seed", dir, "--node", "n[1-2]", "--out", join(dir, "seeds"));
		await ran("seed", dir, "--node", "n[1-2]", "--out", join(dir, "of-%n"));
		expect((await readdir(join(dir, "seeds"))).toSorted()).toEqual(["n1", "n2"]);
		expect(await readdir(dir)).toEqual(expect.arrayContaining(["of-n1", "of-n2"]));
		const document = JSON.parse(await ran("seed", dir, "--workers", "--json", "--out", join(dir, "w")));
		expect(document).toEqual({ version: 1, generation: 1, seeds: [{ for: "workers", kind: "folder", path: join(dir, "w") }] });
	});

	const lacking = missing("mkfs.vfat", "mcopy", "xorriso");
	it.skipIf(lacking.length > 0)(named("makes volumes by the name's end, 0600", lacking), async () => {
		const dir = await lab();
		for (const name of ["n1.img", "n1.iso"]) {
			await writeFile(join(dir, name), "an old one", { mode: 0o644 });
			await ran("seed", dir, "--node", "n1", "--out", join(dir, name));
			expect((await stat(join(dir, name))).mode & 0o777).toBe(0o600);
			expect((await readFile(join(dir, name))).includes("CIDATA")).toBe(true);
		}
	});

	it.each([
		[["--node", "n1"], /where to\? /],
		[["--out", "x"], /whose seed\? \| --node NAME \(c1,n\[1-2\]\), --workers, or --all/],
		[["--node", "n7", "--out", "x"], /no node is called "n7"/],
		[["--node", "n[1-2]", "--out", "x.iso"], /cannot hold the seeds of several nodes \| .*'%n\.iso'/],
		[["--node", "n[1-2]", "--into", "x.raw"], /takes the seed of one node/],
		[["--node", "n1", "--out", "x.raw"], /cannot be written as \.raw \| for a disk image: --into x\.raw/],
		[["--node", "n1", "--into", "absent.raw"], /there is no image absent\.raw/],
	])("%j is refused", async (args, said) => {
		expect(await refused("seed", await lab(), ...args)).toMatch(said);
	});

	it("is refused for a controller that came later, until its key is made", async () => {
		const dir = await lab();
		const file = join(dir, "cluster.toml");
		await writeFile(file, `${await readFile(file, "utf8")}\n[[node]]\nname = "c2"\nroles = ["controller"]\n`);
		expect(await refused("seed", dir, "--node", "n1", "--out", join(dir, "seed"))).toContain("--repair");
		await ran("init", dir, "--repair");
		await ran("seed", dir, "--node", "n1", "--out", join(dir, "seed"));
	});
});

describe("seedFiles", () => {
	it("gives a test cluster's machine its seed", async () => {
		const dir = await lab();
		const management = { mac: "52:54:00:11:00:01", nat: false };
		const machine = { node: "n1", meet: ["192.168.77.11"], slow: 8, management, lanMac: "52:54:00:22:00:01", generation: 5 };
		const files = seedFiles(await readCluster(dir), await readSecrets(dir), machine);
		expect(load(files["meta-data"])).toMatchObject({ "local-hostname": "n1", "instance-id": expect.stringMatching(/-n1-5$/) });
		expect(load(files["network-config"]!)).toMatchObject({
			version: 2,
			ethernets: { management: { match: { macaddress: management.mac } } },
		});
		const { write_files } = load(files["user-data"]) as { write_files: { content: string }[] };
		expect(JSON.parse(write_files[0]!.content)).toMatchObject({ self: "n1", slow: 8, meet: ["192.168.77.11"], generation: 5 });
	});
});
