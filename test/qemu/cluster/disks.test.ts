import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { MachineState } from "../../../core/contract/cluster-state.ts";
import { mustHaveDisks } from "../../../qemu/cluster/disks.ts";

it("machines are not started without their disks; those that are left alone may lack theirs", async () => {
	const dir = await mkdtemp(join(tmpdir(), "disks-"));
	try {
		const machines = ["n1", "n2", "n3"].map((name) => ({ name, dir: join(dir, name) }) as MachineState);
		await mkdir(join(dir, "n1"));
		await writeFile(join(dir, "n1/root.qcow2"), "");
		await expect(mustHaveDisks(machines, ["n1"], "my lab")).resolves.toBeUndefined();
		await expect(mustHaveDisks(machines, ["n1", "n3"], "my lab")).rejects.toMatchObject({
			problems: [{ message: `${dir}/n3/root.qcow2 is gone`, fix: expect.stringMatching(/^clusteros up 'my lab', /) }],
		});
	} finally {
		await rm(dir, { recursive: true });
	}
});
