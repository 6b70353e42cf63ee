import { Command } from "commander";
import type { CommandContext } from "./context.ts";
import type { ImageImportOptions } from "./run-image-import.ts";

/** `clusteros image import`: container images for nodes that have no registry. */
export function imageCommand(call: string, context: CommandContext): Command {
	const image = new Command("image").description("bring container images to nodes with k3s").addHelpText("after", examples(call));
	image
		.command("import")
		.description("copy the images of a file to nodes, and import them there: now, and whenever k3s starts")
		.argument("<dir>", "the cluster's folder")
		.argument("<file>", "made by `docker save` or its like: docker-archive or OCI, plain or compressed with gzip or zstd")
		.option("-n, --nodes <nodes>", "all, a name, or a hostlist such as n[1-4]", "all")
		.option("--json", "print the result as JSON", false)
		.addHelpText("after", examples(call))
		.action(async (dir: string, file: string, options: ImageImportOptions) => {
			await (await import("./run-image-import.ts")).runImageImport(dir, file, options, context);
		});
	return image;
}

function examples(call: string): string {
	return `
Examples:
  ${call} image import lab app.tar                    to all nodes
  ${call} image import lab app.tar.gz --nodes n[1-2]  to these

Pods take the images by the names that they were saved under; with a tag other than "latest", or with
imagePullPolicy: IfNotPresent, nothing is asked of a registry. Exit codes: 0 done, 1 it failed on a node (the others have
it), 2 the file holds no images.
`;
}
