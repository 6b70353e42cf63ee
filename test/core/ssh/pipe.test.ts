import { expect, it } from "vitest";
import { ToolError } from "../../../core/errors.ts";
import { pipe } from "../../../core/ssh/pipe.ts";

const sh = (script: string) => ["sh", "-c", script];

/** The last line of the program that is blamed. */
async function blamed(from: readonly string[], to: readonly string[]): Promise<string | undefined> {
	const error = await pipe(from, to, { doing: "copying" }).then(
		() => undefined,
		(reason: unknown) => reason,
	);
	expect(error).toBeInstanceOf(ToolError);
	return (error as ToolError).failure.tail.at(-1);
}

it("brings every byte, and counts them", async () => {
	const counts: number[] = [];
	const check = sh('[ "$(wc -c)" = 3000000 ]');
	await pipe(["head", "-c", "3000000", "/dev/zero"], check, { doing: "copying", onBytes: (bytes) => counts.push(bytes) });
	expect(counts.at(-1)).toBe(3_000_000);
	expect(counts).toEqual(counts.toSorted((a, b) => a - b));
});

it("blames a receiver that ended early, whatever its sender says of the pipe", async () => {
	// Which of the two words a sender uses is a race: several, so that both come.
	for (let i = 0; i < 10; i++) {
		expect(await blamed(["head", "-c", "9000000", "/dev/zero"], sh("echo full >&2; exit 3"))).toBe("full");
		expect(await blamed(["cat", "/dev/zero"], sh("head -c 100000 >/dev/null; echo full >&2; exit 3"))).toBe("full");
	}
});

it("blames a sender that failed, also where its connection was reset and the receiver had too little", async () => {
	expect(await blamed(sh("echo gone >&2; exit 2"), ["cat"])).toBe("gone");
	const reset = "client_loop: send disconnect: Connection reset by peer";
	expect(await blamed(sh(`echo '${reset}' >&2; exit 255`), sh("cat; echo 'unexpected end' >&2; exit 2"))).toBe(reset);
});
