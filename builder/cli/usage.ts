import { CommanderError } from "commander";
import { UserError } from "../../core/errors.ts";

/** What a person sees of commander's errors; undefined for --help and --version, which it throws as well. Other errors stay as they are. */
export function usageError(error: unknown): unknown {
	if (!(error instanceof CommanderError)) return error;
	if (error.exitCode === 0) return undefined;
	// Without a command commander prints its help and throws.
	if (error.code === "commander.help")
		return new UserError("usage", { message: "no command is given", fix: "see the list above" });
	const [first, ...rest] = error.message.replace(/^error: /, "").split("\n");
	return new UserError("usage", { message: first!, fix: rest.join(" ").replace(/^\(|\)$/g, "") || "--help shows what is known" });
}
