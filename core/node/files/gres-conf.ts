import type { NodeFile, NodeView } from "../types.ts";
import { asFile, notice, siteLines } from "./notice.ts";

/** Generic resources, such as GPUs: the site's lines alone. Names and counts are taken from them ({@link gresOf}). */
export function gresConf({ cluster }: NodeView): NodeFile {
	const lines = [notice("[slurm.gres] extra"), ...siteLines("[slurm.gres] extra", cluster.slurm.gres)];
	return { path: "/etc/slurm/gres.conf", content: asFile(lines), mode: 0o644 };
}
