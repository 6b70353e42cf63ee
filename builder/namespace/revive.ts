import { InternalError, ToolError, UserError } from "../../core/errors.ts";
import type { WireError } from "../inside/jobs.ts";

/** What the inside threw, made again outside; a full disk keeps its code, so that the store says which disk it was. */
export function revive(error: WireError): Error {
	if (error.name === "UserError") return new UserError(error.kind, error.problems);
	if (error.name === "ToolError") return new ToolError(error.failure);
	const { stack, code } = error;
	return Object.assign(new InternalError(error.message), stack ? { stack } : {}, code ? { code } : {});
}
