import { open } from "node:fs/promises";

const BLOCK = 1024 * 1024;

/** Copies a file into another at `offset` (bytes) and leaves out blocks of zeroes: the target stays sparse. */
export async function copySparse(from: string, to: string, offset: number): Promise<void> {
	await using source = await open(from, "r");
	await using target = await open(to, "r+");
	const zero = Buffer.alloc(BLOCK);
	const buffer = Buffer.alloc(BLOCK);
	for (let at = 0; ; ) {
		const { bytesRead } = await source.read(buffer, 0, BLOCK, at);
		if (bytesRead === 0) return;
		const block = buffer.subarray(0, bytesRead);
		if (!block.equals(zero.subarray(0, bytesRead))) await target.write(block, 0, bytesRead, offset + at);
		at += bytesRead;
	}
}
