import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { revive } from "../../../builder/namespace/revive.ts";
import { explained } from "../../../builder/store/space.ts";
import { InternalError, ToolError, UserError } from "../../../core/errors.ts";

it.each(["ENOSPC", "EDQUOT"])("a full disk met by Node inside (%s) is explained by the store outside", async (code) => {
	const error = revive({ name: "Error", message: `${code}: no space left on device, write`, code });
	const said = await explained(tmpdir(), error);
	expect(said).toBeInstanceOf(UserError);
	expect((said as Error).message).toMatch(new RegExp(`^no space left on the disk of ${tmpdir()} \\(mounted on .*free$`));
});

it("any other error stays our defect, with the stack of where it happened", async () => {
	const error = revive({ name: "Error", message: "no", stack: "Error: no\n    at inside", code: "EINVAL" });
	expect(error).toBeInstanceOf(InternalError);
	expect(error.stack).toBe("Error: no\n    at inside");
	expect(await explained(tmpdir(), error)).toBe(error);
});

it("errors of a person and of a tool keep what they know", () => {
	const problem = { message: "wrong", fix: "mend it" };
	expect(revive({ name: "UserError", kind: "invalid", problems: [problem] })).toMatchObject({
		kind: "invalid",
		problems: [problem],
	});
	const failure = { doing: "trying", argv: ["false"], exitCode: 1, tail: ["no"], noSpace: true };
	const error = revive({ name: "ToolError", failure });
	expect(error).toBeInstanceOf(ToolError);
	expect(error).toMatchObject({ failure });
});
