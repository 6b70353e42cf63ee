import { Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "./context.ts";
import type { KubeconfigOptions } from "./run-kubeconfig.ts";

/** `clusteros kubeconfig`: kubectl's way into the cluster, from here. */
export function kubeconfigCommand(call: string, context: CommandContext): Command {
	return new Command("kubeconfig")
		.description("print the kubeconfig of a cluster with k3s, or merge it into yours")
		.argument("<dir>", "the cluster's folder")
		.option("--merge", "add it to the first file of $KUBECONFIG, or to ~/.kube/config", false)
		.option("--name <name>", "name of its cluster, user and context (default: the cluster's name)")
		.option("--server <url>", "another way to k3s' API than the known one, such as https://127.0.0.1:6443", url)
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, options: KubeconfigOptions) => {
			await (await import("./run-kubeconfig.ts")).runKubeconfig(dir, options, context);
		});
}

function url(text: string): string {
	if (URL.canParse(text) && new URL(text).protocol === "https:") return text;
	throw new InvalidArgumentError("An address such as https://127.0.0.1:6443 is wanted.");
}

function examples(call: string): string {
	return `
Examples:
  ${call} kubeconfig lab > lab.kubeconfig        for kubectl --kubeconfig
  ${call} kubeconfig lab --merge                 then: kubectl --context lab get nodes
  ${call} kubeconfig site --server https://127.0.0.1:6443
                                                 through ssh -L 6443:127.0.0.1:6443, where a firewall is between

With --merge other entries and the current context stay, the file is for you alone afterwards (0600), and what it was is kept
beside it as FILE.before-clusteros. Whoever has the kubeconfig is administrator of the cluster's k3s.
`;
}
