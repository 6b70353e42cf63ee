import type { LayerEntry } from "./layer.ts";

/** A whole small system: one static program (a file of this machine), a link for each of its applets, and what programs expect to find. */
export function busyboxLayer(busybox: string, applets: readonly string[]): LayerEntry[] {
	const folder = (path: string, mode = 0o755) => ({ path, type: "folder" as const, mode });
	const text = (path: string, content: string) => ({ path, type: "file" as const, mode: 0o644, content });
	const links = [...new Set(applets)]
		.filter((name) => name !== "" && name !== "busybox")
		.toSorted()
		.map((name) => ({ path: `bin/${name}`, type: "link" as const, target: "busybox" }));
	return [
		folder("bin"),
		{ path: "bin/busybox", type: "file", mode: 0o755, content: { from: busybox } },
		...links,
		folder("etc"),
		text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n"),
		text("etc/group", "root:x:0:\nnogroup:x:65534:\n"),
		folder("root", 0o700),
		folder("tmp", 0o1777),
		folder("usr"),
		folder("var"),
	];
}
