/** `sha256sum`'s lines, as in a release's `sha256sum-amd64.txt`: digest by file name. Other lines are passed over. */
export function parseChecksums(text: string): ReadonlyMap<string, string> {
	const pairs = [...text.matchAll(/^([0-9a-f]{64}) [ *](?:.*\/)?([^/\n\r]+)\r?$/gm)];
	return new Map(pairs.map(([, digest, name]) => [name!, digest!]));
}

/** Name of that file for an architecture. */
export function checksumsName(arch: string): string {
	return `sha256sum-${arch}.txt`;
}

/** Name of the binary in a release: only amd64's goes without its architecture. */
export function binaryName(arch: string): string {
	return arch === "amd64" ? "k3s" : `k3s-${arch}`;
}
