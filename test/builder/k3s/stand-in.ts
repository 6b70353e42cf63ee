import { createHash } from "node:crypto";

/** The head of a 64-bit little-endian program: one program header, which names an interpreter or not. */
export function elfHead(machine: number, isStatic: boolean): Buffer {
	const head = Buffer.alloc(256);
	head.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
	head.writeUInt16LE(2, 16);
	head.writeUInt16LE(machine, 18);
	head.writeBigUInt64LE(64n, 32);
	head.writeUInt16LE(56, 54);
	head.writeUInt16LE(1, 56);
	head.writeUInt32LE(isStatic ? 1 : 3, 64);
	return head;
}

/** A stand-in for the k3s binary: a program's head, and the version as Go's build settings have it. Nothing runs it. */
export function standIn(version = "v1.34.3+k3s1", machine = 62): Buffer {
	return Buffer.concat([
		elfHead(machine, true),
		Buffer.from(`build\t-ldflags="-X github.com/k3s-io/k3s/pkg/version.Version=${version}"\n`),
	]);
}

export function sha256(content: string | Uint8Array): string {
	return createHash("sha256").update(content).digest("hex");
}
