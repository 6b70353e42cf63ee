import { open } from "node:fs/promises";

/** What a program's ELF header says. */
export interface Elf {
	/** Debian's name of its architecture; `machine N` for one that Debian has none for. */
	readonly arch: string;
	/** Whether it needs no dynamic loader. */
	readonly isStatic: boolean;
}

/** e_machine of elf(5) in Debian's names. */
const MACHINES: Readonly<Record<number, string>> = {
	3: "i386",
	22: "s390x",
	40: "armhf",
	62: "amd64",
	183: "arm64",
	243: "riscv64",
};
const PT_INTERP = 3;

/** Reads the head of a file: nothing of it is run. Undefined when it is no 64- or 32-bit ELF file. */
export async function readElf(file: string): Promise<Elf | undefined> {
	const head = Buffer.alloc(4096);
	await using source = await open(file, "r");
	const { bytesRead } = await source.read(head, 0, head.length, 0);
	if (bytesRead < 64 || head.readUInt32BE(0) !== 0x7f454c46) return undefined;
	const little = head[5] === 1;
	const u16 = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
	const machine = u16(18);
	return { arch: MACHINES[machine] ?? `machine ${machine}`, isStatic: head[4] === 2 && little && !hasInterpreter(head) };
}

/** The program headers of a 64-bit little-endian file, which every linker puts right after the head. */
function hasInterpreter(head: Buffer): boolean {
	const start = Number(head.readBigUInt64LE(32));
	const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
	for (let at = start; at < start + size * count && at + 4 <= head.length; at += size) {
		if (head.readUInt32LE(at) === PT_INTERP) return true;
	}
	return false;
}
