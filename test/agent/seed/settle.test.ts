import { mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { settleSeed } from "../../../agent/seed/settle.ts";
import { scratchNode } from "../scratch.ts";
import { putFile } from "../seeds.ts";

const BOOT = 1_795_000_000;

/** A node on which cloud-init ran its modules at these times, in seconds after boot. */
function nodeWithSeed(...ran: number[]) {
	const node = scratchNode();
	putFile(node.world, "/proc/stat", `cpu 1 2 3\nbtime ${BOOT}\nprocesses 5\n`);
	mkdirSync(`${node.world.root}/var/lib/cloud/instances/lab-n1-1/sem`, { recursive: true });
	symlinkSync(`${node.world.root}/var/lib/cloud/instances/lab-n1-1`, `${node.world.root}/var/lib/cloud/instance`);
	ran.forEach((after, i) => {
		const path = `/var/lib/cloud/instances/lab-n1-1/sem/config_${i}`;
		putFile(node.world, path, "");
		utimesSync(node.world.root + path, BOOT + after, BOOT + after);
	});
	return node;
}

const programs = (node: ReturnType<typeof scratchNode>) => node.ran.splice(0).map((argv) => argv.join(" "));

describe("settleSeed", () => {
	it("has a seed of this boot written to the disk, once", async () => {
		using node = nodeWithSeed(20, 21);
		expect(await settleSeed(node.world)).toBeUndefined();
		expect(programs(node)).toEqual(["sync"]);
		expect(await settleSeed(node.world)).toBeUndefined();
		expect(programs(node)).toEqual([]);
	});

	it("has a seed applied again that an earlier boot applied and nobody wrote to the disk, a few times at most", async () => {
		using node = nodeWithSeed(-90, 21);
		for (const _ of [1, 2, 3]) {
			expect(await settleSeed(node.world)).toMatch(/power was cut/);
			expect(programs(node)).toEqual(["cloud-init clean", "systemctl reboot"]);
		}
		expect(await settleSeed(node.world)).toBeUndefined();
		expect(programs(node)).toEqual(["sync"]);
	});

	it("leaves a node without cloud-init alone", async () => {
		using node = scratchNode();
		expect(await settleSeed(node.world)).toBeUndefined();
		expect(programs(node)).toEqual([]);
	});
});
