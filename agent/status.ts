import { readFileSync } from "node:fs";
import type { NodeStatus } from "../core/contract/status.ts";
import { ignoreMissing, writeAtomic } from "./atomic-file.ts";
import { STATUS_FILE } from "./paths.ts";
import type { World } from "./world.ts";

/** Only the contract's type is imported: its schema would bring zod into the bundle. A test holds the two together. */
export type { NodeStatus };

/** Writes the status for everyone on the node to read. */
export function writeStatus(world: World, status: NodeStatus): void {
	writeAtomic(world.root + STATUS_FILE, `${JSON.stringify(status, null, "\t")}\n`, 0o644);
}

/** What the agent last said, or undefined when it has not said anything since boot. */
export function readStatus(world: World): NodeStatus | undefined {
	const text = ignoreMissing(() => readFileSync(world.root + STATUS_FILE, "utf8"));
	return text === undefined ? undefined : (JSON.parse(text) as NodeStatus);
}
