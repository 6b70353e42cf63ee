import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idFrom } from "../../../builder/disk/ids.ts";
import { fatUuid, layoutOf, parseSize, partition } from "../../../builder/disk/layout.ts";
import { shippedBase } from "../apt/bases.ts";
import { complaintsOf } from "../profile/support.ts";

const MIB = 1024 * 1024;
const arch = (await shippedBase("ubuntu-24.04")).arch.amd64!;
const mib = (count: number) => `${count}MiB`;
const disk = (size: number, esp: number, seed: number) =>
	({ size: mib(size), esp: mib(esp), seed: mib(seed), filesystem: "ext4" }) as const;

describe("a disk's layout", () => {
	const any = fc.record({
		esp: fc.integer({ min: 260, max: 1024 }),
		seed: fc.integer({ min: 16, max: 512 }),
		root: fc.integer({ min: 256, max: 100_000 }),
	});

	it("has the four partitions in order, aligned, apart, inside, root last to the end", () => {
		fc.assert(
			fc.property(any, ({ esp, seed, root }) => {
				const size = esp + seed + root + 3;
				const { partitions, size: bytes } = layoutOf("x", disk(size, esp, seed), arch);
				expect(bytes).toBe(size * MIB);
				expect(partitions.map(({ role, number }) => [role, number])).toEqual([
					["bios", 1],
					["esp", 2],
					["seed", 3],
					["root", 4],
				]);
				let end = MIB;
				for (const one of partitions) {
					expect([one.start % MIB, one.size % MIB]).toEqual([0, 0]);
					expect(one.start).toBe(end);
					end = one.start + one.size;
				}
				// The backup table takes 33 sectors: of 4096 bytes at most.
				expect(bytes - end).toBe(MIB);
				expect(partitions.map((one) => one.size / MIB)).toEqual([1, esp, seed, root]);
			}),
		);
	});

	it("leaves root at least 256 MiB, or says how much the others take", async () => {
		expect(layoutOf("x", disk(260 + 64 + 3 + 256, 260, 64), arch).partitions.at(-1)!.size).toBe(256 * MIB);
		expect(await complaintsOf(() => layoutOf("x", disk(260 + 64 + 3 + 255, 260, 64), arch))).toEqual([
			"disk.size: disk.size 582MiB leaves no room for root: the other partitions take 326 MiB (--set disk.size=3GiB)",
		]);
	});

	it("has ids of its own for every purpose, the same for every build of one name", () => {
		const ids = (name: string) => {
			const layout = layoutOf(name, disk(3072, 260, 64), arch);
			return [layout.diskUuid, layout.rootFsUuid, layout.espId, layout.seedId, ...layout.partitions.map(({ uuid }) => uuid)];
		};
		expect(ids("a")).toEqual(ids("a"));
		expect(new Set([...ids("a"), ...ids("b")]).size).toBe(16);
	});

	it("takes root's type from the architecture, and finds partitions by role", () => {
		const layout = layoutOf("x", disk(3072, 260, 64), arch);
		expect(partition(layout, "root").type).toBe("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
		expect(partition(layout, "esp").type).toBe("C12A7328-F81F-11D2-BA4B-00A0C93EC93B");
		expect(partition(layout, "seed").name).toBe("cidata");
	});
});

it("ids are UUIDs of version 8", () => {
	fc.assert(
		fc.property(fc.string(), fc.string(), (name, purpose) => {
			expect(idFrom(name, purpose)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
		}),
	);
	expect(idFrom("slurm-ubuntu-24.04-amd64", "root")).toBe(idFrom("slurm-ubuntu-24.04-amd64", "root"));
});

it("sizes are in MiB and GiB; FAT ids as Linux shows them", () => {
	expect([parseSize("512MiB"), parseSize("4GiB")]).toEqual([512 * MIB, 4096 * MIB]);
	expect(fatUuid("12ab34cd")).toBe("12AB-34CD");
});
