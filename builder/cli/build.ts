import { UserError } from "../../core/errors.ts";
import type { RunBuild } from "./build-options.ts";

/** Builds an image. */
export const runBuild: RunBuild = async () => {
	throw new UserError("failed", { message: "building is not wired up yet" });
};
