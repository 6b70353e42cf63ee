import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { scrubCopies, scrubVolumes } from "../../../agent/seed/scrub.ts";
import { scratchNode } from "../scratch.ts";
import { putFile, seedSecrets } from "../seeds.ts";

const secrets = seedSecrets([1, 2]);
const text = JSON.stringify({ content: JSON.stringify(secrets) });

function hasSecret(path: string): boolean {
	const content = readFileSync(path, "utf8");
	return secrets.keys.some(({ key }) => content.includes(key));
}

describe("scrubCopies", () => {
	it("overwrites each secret in cloud-init's copies with as many stars, and touches nothing else", () => {
		using node = scratchNode();
		const held = ["/var/lib/cloud/instances/lab-n1-1/user-data.txt", "/var/lib/cloud/instances/lab-n1-1/obj.pkl"];
		for (const path of held) putFile(node.world, path, `\u0080before ${text} after`, 0o600);
		putFile(node.world, "/run/cloud-init/instance-data.json", "{}");
		expect(scrubCopies(node.world, secrets).map((path) => path.slice(node.world.root.length))).toEqual(held.toSorted());
		for (const path of held) {
			const after = readFileSync(node.world.root + path, "utf8");
			expect(hasSecret(node.world.root + path)).toBe(false);
			expect(after.replaceAll(/\*+/g, "")).toBe(
				secrets.keys.reduce((all, { key }) => all.replaceAll(key, ""), `\u0080before ${text} after`),
			);
			expect(Buffer.byteLength(after)).toBe(Buffer.byteLength(`\u0080before ${text} after`));
			expect(statSync(node.world.root + path).mode & 0o777).toBe(0o600);
		}
		expect(scrubCopies(node.world, secrets)).toEqual([]);
	});
});

it("takes k3s' tokens and its authority's key out, however its lines end, and leaves the certificate", () => {
	using node = scratchNode();
	const body = ["MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", "c2VjcmV0IGxpbmU="];
	const pem = (label: string, lines: readonly string[]) =>
		`-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
	const k3s = { server: true, token: "K10ab::server:s3cr3t-of-servers", agent_token: "s3cr3t-of-agents" };
	const own = seedSecrets([1], {
		k3s: { ...k3s, ca_cert: pem("CERTIFICATE", ["Y2VydGlmaWNhdGU="]), ca_key: pem("PRIVATE KEY", body) },
	});
	const path = "/var/lib/cloud/instances/lab-c1-1/user-data.txt";
	putFile(node.world, path, `${JSON.stringify({ content: JSON.stringify(own) })}\n${own.k3s!.ca_key}`);
	expect(scrubCopies(node.world, own)).toHaveLength(1);
	const after = readFileSync(node.world.root + path, "utf8");
	for (const secret of [...body, "s3cr3t"]) expect(after).not.toContain(secret);
	expect(after).toContain("Y2VydGlmaWNhdGU=");
});

describe("scrubVolumes", () => {
	/** A node with two CIDATA volumes: a partition that can be written, and a disk that cannot. */
	function nodeWithVolumes() {
		const node = scratchNode({}, (argv) => {
			if (argv[0] === "mount") putFile(node.world, "/run/clusteros/seed-volume/user-data", text);
			return undefined;
		});
		for (const [numbers, name, ro] of [
			["254:3", "vda3", "0"],
			["254:16", "vdb", "1"],
			["254:4", "vda4", "0"],
		]) {
			putFile(node.world, `/run/udev/data/b${numbers}`, `E:ID_FS_LABEL=${name === "vda4" ? "root" : "CIDATA"}\n`);
			putFile(node.world, `/sys/dev/block/${numbers}/uevent`, `MAJOR=254\nDEVNAME=${name}\n`);
			putFile(node.world, `/sys/dev/block/${numbers}/ro`, `${ro}\n`);
		}
		return node;
	}

	it("scrubs the volume that can be written, once for the same secrets", async () => {
		using node = nodeWithVolumes();
		await scrubVolumes(node.world, secrets);
		const place = `${node.world.root}/run/clusteros/seed-volume`;
		expect(node.ran.map(([program, ...rest]) => `${program} ${rest.at(-2)} ${rest.at(-1)}`)).toEqual([
			`mount /dev/vda3 ${place}`,
			`umount undefined ${place}`,
		]);
		expect(hasSecret(`${place}/user-data`)).toBe(false);
		await scrubVolumes(node.world, secrets);
		expect(node.ran).toHaveLength(2);
		await scrubVolumes(node.world, seedSecrets([3]));
		expect(node.ran).toHaveLength(4);
	});

	it("passes by what has no FAT on it", async () => {
		using node = scratchNode({}, (argv) => ({ code: argv[0] === "mount" ? 32 : 0 }));
		putFile(node.world, "/run/udev/data/b254:3", "E:ID_FS_LABEL=cidata\n");
		putFile(node.world, "/sys/dev/block/254:3/uevent", "DEVNAME=sr0\n");
		await scrubVolumes(node.world, secrets);
		expect(node.ran.map(([program]) => program)).toEqual(["mount"]);
	});
});
