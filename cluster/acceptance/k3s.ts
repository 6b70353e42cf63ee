import { ask } from "./ask.ts";
import type { Group } from "./check.ts";
import { perNode, skipped } from "./verdict.ts";

/** Where images with k3s have it. */
const BINARY = "/usr/local/bin/k3s";

/** A pod on the node answers on its pod address from another node. Without k3s there is nothing to ask, which is no pass. */
export const k3s: Group = {
	name: "k3s",
	checks: perNode("k3s", async (node, suite) => {
		const { binary } = await ask(suite, node, { binary: ["test", "-x", BINARY] });
		return skipped(binary.code === 0 ? "these checks do not know k3s yet" : "no k3s in this image");
	}),
};
