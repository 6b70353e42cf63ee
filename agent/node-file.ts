import { withBlock } from "../core/node/block.ts";
import type { NodeFile } from "../core/node/types.ts";
import { keepFile, readText } from "./files.ts";
import type { World } from "./world.ts";

/** Brings a file of the cluster's to what it should be; says whether it had to change. */
export function keepNodeFile(world: World, file: NodeFile): boolean {
	return keepFile(world, { ...file, content: wanted(world, file) });
}

/** Whether somebody has changed or removed it. */
export function hasDrifted(world: World, file: NodeFile): boolean {
	return readText(world, file.path) !== wanted(world, file);
}

function wanted(world: World, { path, content, block }: NodeFile): string {
	return block ? withBlock(readText(world, path) ?? "", content) : content;
}
