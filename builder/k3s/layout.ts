import { FACT_PROGRAMS } from "../../core/node/facts.ts";
import { IMAGES } from "../../core/node/k3s-airgap.ts";
import type { Program, ProgramSource } from "../plan/observed.ts";
import type { RenderedFile } from "../render/types.ts";

/** `bundled`: the release's one file, which unpacks the rest. `unbundled`: what it would unpack lies beside it or comes from packages. */
export type K3sLayout = "bundled" | "unbundled";

/** A file of k3s wherever it comes from, under its name in a release or a folder. */
export interface K3sFile {
	readonly name: string;
	readonly sha256: string;
	readonly from: ProgramSource;
}

/** Where each program lies. k3s finds flannel beside host-local, which Debian's CNI plugins have there. */
const PLACES: Readonly<Record<string, string>> = {
	k3s: FACT_PROGRAMS.k3s,
	"containerd-shim-runc-v2": "/usr/local/lib/k3s/containerd-shim-runc-v2",
	flannel: "/usr/lib/cni/flannel",
};

/** Names under which the one binary is something else. */
const LINKS: Readonly<Record<K3sLayout, Readonly<Record<string, string>>>> = {
	bundled: { "/usr/local/bin/kubectl": "k3s", "/usr/local/bin/crictl": "k3s", "/usr/local/bin/ctr": "k3s" },
	unbundled: {
		"/usr/local/bin/kubectl": "k3s",
		"/usr/local/bin/ctr": "k3s",
		"/usr/local/lib/k3s/containerd": FACT_PROGRAMS.k3s,
	},
};

/** The programs that an unbundled folder holds besides `k3s`. */
export const BESIDE_K3S = ["containerd-shim-runc-v2", "flannel"];

/** Each file with its place in the image. */
export function k3sPrograms(version: string, files: readonly K3sFile[]): Program[] {
	return files.map(({ name, sha256, from }) => {
		const place = PLACES[name];
		const label = name === "k3s" ? `k3s ${version}` : place ? `k3s' ${name}` : name;
		return { name: label, path: place ?? `${IMAGES}/${name}`, mode: place ? 0o755 : 0o644, sha256, from };
	});
}

export function k3sLinks(layout: K3sLayout): RenderedFile[] {
	const common = { mode: 0o777, owner: "root", group: "root", overlay: "k3s", source: `k3s (${layout})` };
	return Object.entries(LINKS[layout]).map(([path, target]) => ({ path, target, ...common }));
}
