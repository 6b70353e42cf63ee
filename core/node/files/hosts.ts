import type { NodeFile, NodeView } from "../types.ts";
import { asFile } from "./notice.ts";

/**
 * Every member by its mesh address, this node as well: a name of its own that leads to 127.0.1.1 would have SLURM and MPI
 * tell others to call them there. The loopback names are the image's, above or below our block.
 */
export function hostsFile({ members }: NodeView): NodeFile {
	return { path: "/etc/hosts", content: asFile(members.map(({ mesh, name }) => `${mesh} ${name}`)), mode: 0o644, block: true };
}
