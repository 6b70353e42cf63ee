/** qemu-img: turns the raw disk into a qcow2. */

/**
 * zstd takes a quarter of zlib's time for the same size. Never `-W` (out-of-order writes): its output differs from run to run.
 */
export function qcow2Args(raw: string, qcow2: string): string[] {
	return ["qemu-img", "convert", "-p", "-f", "raw", "-O", "qcow2", "-c", "-o", "compression_type=zstd", raw, qcow2];
}

/** Percentage from a `-p` progress line such as "    (42.01/100%)". */
export function qemuImgProgress(line: string): number | undefined {
	const found = [...line.matchAll(/\((\d+\.\d+)\/100%\)/g)].at(-1);
	return found ? Number(found[1]) / 100 : undefined;
}
