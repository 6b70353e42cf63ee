import { readAccess } from "../../cluster/operate/kubeconfig.ts";
import { kubeconfigOf } from "../../cluster/operate/kubeconfig-file.ts";
import { kubeconfigFile, mergeInto, yamlOf } from "../../cluster/operate/kubeconfig-merge.ts";
import { openReach } from "../../cluster/reach/open.ts";
import { quote } from "../../core/process/quote.ts";
import type { CommandContext } from "./context.ts";
import { printJson } from "./node-output.ts";

/** As typed. */
export interface KubeconfigOptions {
	readonly merge: boolean;
	readonly name?: string;
	readonly server?: string;
	readonly json: boolean;
}

/** Prints the kubeconfig, or merges it and says where it is now. */
export async function runKubeconfig(dir: string, options: KubeconfigOptions, { signal }: CommandContext): Promise<void> {
	const reached = await openReach(dir);
	const context = options.name ?? reached.cluster.name;
	const access = await readAccess(reached, { server: options.server, signal });
	const config = kubeconfigOf(access, context, reached.cluster.id);
	const { server } = access;
	if (!options.merge) {
		if (options.json) printJson({ context, server, kubeconfig: config });
		else process.stdout.write(yamlOf(config));
		return;
	}
	const { file, backup, current } = await mergeInto(kubeconfigFile(process.env), config);
	if (options.json) return printJson({ context, server, file, backup, current });
	const flag = current === context ? "" : ` --context ${quote(context)}`;
	const kept = backup === undefined ? "" : `   (as it was: ${backup})`;
	process.stdout.write(`${file} has ${context}, ${server}${kept}\n`);
	process.stderr.write(`next: kubectl${flag} get nodes\n`);
}
