import { join, relative } from "node:path";
import type { Manifest } from "../../core/contract/manifest.ts";
import { quote } from "../../core/process/quote.ts";
import { bytes, seconds } from "../ui/format.ts";

/** What a person reads at the end: what was made, its digest, what is large in it, and what to type next. */
export function summaryText(
	{ manifest, manifestFile }: { manifest: Manifest; manifestFile: string },
	out: string,
	elapsed: number,
): string {
	const shown = (file: string) => relative(process.cwd(), join(out, file)) || file;
	const built = manifest.artifacts.map(
		({ file, size, sha256 }) => `Built ${shown(file)}   ${bytes(size)}   sha256 ${sha256.slice(0, 16)}…   ${seconds(elapsed)}`,
	);
	const largest = manifest.packages
		.toSorted((a, b) => b.size - a.size)
		.slice(0, 4)
		.map(({ name, size }) => `${name} ${bytes(size)}`);
	const first = manifest.artifacts.find(({ format }) => format === "qcow2");
	const next = first ? [`Next:     ${tryIt(shown(first.file))}`] : [];
	return [
		"",
		...built,
		`Kernel:   ${manifest.kernel.version} · ${manifest.packages.length} packages · largest: ${largest.join(" · ")}`,
		`Manifest: ${relative(process.cwd(), manifestFile)}`,
		...next,
		"",
	].join("\n");
}

/** A boot that leaves the image as it is; ends with Ctrl-A X. */
function tryIt(file: string): string {
	return `qemu-system-x86_64 -m 1G -snapshot -nographic ${quote(file)}`;
}
