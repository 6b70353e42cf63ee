import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { copy } from "../../../../cluster/operate/copy.ts";
import { planCopy } from "../../../../cluster/operate/copy-plan.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { written } from "../support/sshd.ts";

withSshd("cp", () => {
	let lab: Lab;
	let here: string;
	let at: Readonly<Record<"c1" | "n1", string>>;
	let count = 0;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1"], ["n2"]);
	});
	afterAll(async () => lab[Symbol.asyncDispose]());
	beforeEach(async () => {
		here = join(lab.dir, `here ${++count}`);
		at = { c1: join(lab.sshds.c1!.dir, `t${count}`), n1: join(lab.sshds.n1!.dir, `t${count}`) };
		for (const folder of [here, at.c1, at.n1]) await mkdir(folder);
	});
	const cp = async (...words: string[]) => copy(await lab.open(), planCopy(words), {});
	const text = (path: string) => readFile(path, "utf8");

	it("brings a file under a new name, with its mode, and leaves nothing else", async () => {
		await writeFile(join(here, "a 'b'"), "words\n");
		await chmod(join(here, "a 'b'"), 0o750);
		expect(await cp(join(here, "a 'b'"), `n1:${at.n1}/new name`)).toEqual([{ name: "n1", target: `${at.n1}/new name` }]);
		expect(await text(join(at.n1, "new name"))).toBe("words\n");
		expect((await stat(join(at.n1, "new name"))).mode & 0o777).toBe(0o750);
		expect(await readdir(at.n1)).toEqual(["new name"]);
	});

	it("replaces a file, and goes into a folder that is there or has a slash at its end", async () => {
		await writeFile(join(here, "x"), "new");
		await writeFile(join(at.n1, "x"), "old");
		await cp(join(here, "x"), `n1:${at.n1}/x`);
		expect(await text(join(at.n1, "x"))).toBe("new");
		await writeFile(join(here, "y"), "y");
		await cp(join(here, "x"), join(here, "y"), `n1:${at.n1}`);
		expect((await readdir(at.n1)).sort()).toEqual(["x", "y"]);
		await cp(join(here, "x"), `n1:${at.n1}/deep/er/`);
		expect(await readdir(join(at.n1, "deep/er"))).toEqual(["x"]);
	});

	it("brings folders with what is in them, links as links", async () => {
		await mkdir(join(here, "data/sub"), { recursive: true });
		await writeFile(join(here, "data/sub/f"), "f");
		await symlink("sub/f", join(here, "data/l"));
		await cp(join(here, "data"), `n1:${at.n1}/copy`);
		expect(await text(join(at.n1, "copy/l"))).toBe("f");
		await cp(`n1:${at.n1}/copy`, join(here, "back"));
		expect(await text(join(here, "back/sub/f"))).toBe("f");
	});

	it("goes to several nodes at once, and says which ones it did not reach", async () => {
		await writeFile(join(here, "x"), "x");
		const common = join(lab.dir, "common-");
		const copied = await cp(join(here, "x"), `all:${common}${count}`);
		expect(copied.map(({ name, problem }) => [name, problem?.slice(0, 20)])).toEqual([
			["c1", undefined],
			["n1", undefined],
			["n2", "n2 cannot be reached"],
		]);
		expect(await text(`${common}${count}`)).toBe("x");
	});

	it("comes from several nodes into a folder each", async () => {
		const everywhere = join(lab.dir, "cluster.toml");
		await cp(`c1,n1:${everywhere}`, join(here, "from"));
		for (const name of ["c1", "n1"]) expect(await text(join(here, "from", name, "cluster.toml"))).toBe(await text(everywhere));
	});

	it("says why it could not, and leaves nothing half-made", async () => {
		const [missing] = await cp(`n1:${at.n1}/nothing`, join(here, "x"));
		expect(missing!.problem).toMatch(/nothing.*No such file/);
		expect(await readdir(here)).toEqual([]);
		await writeFile(join(here, "a"), "a");
		await writeFile(join(here, "b"), "b");
		const [several] = await cp(join(here, "a"), join(here, "b"), `n1:${at.n1}/none`);
		expect(several!.problem).toBe(`${at.n1}/none is not a folder`);
		expect(await readdir(at.n1)).toEqual([]);
		await expect(cp(join(here, "zz"), "n1:")).rejects.toThrow(/no such file or folder here: .*zz/);
	});

	it("goes through sudo where it is asked to", async () => {
		await writeFile(join(here, "x"), "x");
		await copy(await lab.open(), planCopy([join(here, "x"), `n1:${at.n1}/`]), { as: "ada" });
		expect(await written(lab.sshds.n1!, "sudo.log")).toMatch(/^-n -H -u ada -- sh -c cd; exec "\$@" sh sh -c set -e/m);
		expect(await readdir(at.n1)).toEqual(["x"]);
	});

	it("carries more than fits into memory's buffers, to the byte", async () => {
		const bytes = Buffer.alloc(5_000_000, "0123456789abcde");
		await writeFile(join(here, "big"), bytes);
		await cp(join(here, "big"), `n1:${at.n1}/`);
		expect(bytes.equals(await readFile(join(at.n1, "big")))).toBe(true);
	});
});
