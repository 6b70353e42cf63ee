import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { formatPath, type PathKey } from "../../core/toml/key-path.ts";
import type { Located } from "../../core/toml/toml-document.ts";
import type { Manifest } from "./types.ts";

/**
 * Bytes of one, and of all. A seed is some kilobytes on a small volume; and secrets are wiped from cloud-init's copies of it
 * only up to 4 MiB (agent/seed/scrub.ts), which these must stay below when they are escaped twice.
 */
const MOST = 256 * 1024;
const MOST_OF_ALL = 512 * 1024;
const FIX = "apply them with kubectl: clusteros kubeconfig";

/** Reads the files that `[k3s] manifests` names, beside cluster.toml. @throws UserError with all that cannot be read. */
export async function readManifests(dir: string, files: readonly string[], document: Located): Promise<Manifest[]> {
	const problems: Problem[] = [];
	const found = await Promise.all(
		files.map(async (file, index) => {
			const at: PathKey[] = ["k3s", "manifests", index];
			const refuse = (message: string, fix: string) => {
				problems.push({ message, fix, where: document.where(at), path: formatPath(at) });
			};
			const content = await readFile(join(dir, file), "utf8").catch((error: NodeJS.ErrnoException) => {
				const why = error.code === "ENOENT" ? "is not there" : `cannot be read: ${error.message}`;
				refuse(`${file} ${why}`, 'a file beside cluster.toml, such as manifests = ["apps/web.yaml"]');
				return "";
			});
			if (Buffer.byteLength(content) > MOST) refuse(`${file} is larger than ${MOST / 1024} KiB`, FIX);
			return { name: basename(file), content };
		}),
	);
	const size = found.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
	if (problems.length === 0 && size > MOST_OF_ALL) {
		const at = ["k3s", "manifests"];
		const message = `the manifests are larger than ${MOST_OF_ALL / 1024} KiB together`;
		problems.push({ message, fix: FIX, where: document.where(at), path: formatPath(at) });
	}
	if (problems.length > 0) throw new UserError("invalid", problems);
	return found;
}
