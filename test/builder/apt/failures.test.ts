import { describe, expect, it } from "vitest";
import { ELSEWHERE, explainAptFailure, isPassing, unsolvable } from "../../../builder/apt/failures.ts";
import { ToolError, UserError } from "../../../core/errors.ts";

/** Printed by apt 2.6 (Debian 12, gpgv) and 3.0 (Debian 13, sqv) when these things were made to happen. */
const CASES: readonly [what: string, output: string, said: string, passing: boolean][] = [
	[
		"key not trusted, gpgv",
		`Err:1 http://a.example/ubuntu noble InRelease
  The following signatures couldn't be verified because the public key is not available: NO_PUBKEY B5119BD10A10C5D8
Reading package lists...
W: GPG error: http://a.example/ubuntu noble InRelease: The following signatures couldn't be verified because the public key is not available: NO_PUBKEY B5119BD10A10C5D8
E: The repository 'http://a.example/ubuntu noble InRelease' is not signed.`,
		"the archive is signed with a key that we do not trust (B5119BD10A10C5D8)",
		false,
	],
	[
		"key not trusted, sqv",
		`Err:1 http://a.example/ubuntu noble InRelease
  Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key 0EFD665254B44BCC709452F1B5119BD10A10C5D8, which is needed to verify signature.
W: OpenPGP signature verification failed: http://a.example/ubuntu noble InRelease: Sub-process /usr/bin/sqv returned an error code (1), error message is: Missing key 0EFD665254B44BCC709452F1B5119BD10A10C5D8, which is needed to verify signature.
E: The repository 'http://a.example/ubuntu noble InRelease' is not signed.`,
		"the archive is signed with a key that we do not trust (0EFD665254B44BCC709452F1B5119BD10A10C5D8)",
		false,
	],
	[
		"changed after signing, gpgv",
		`Err:1 http://a.example/ubuntu noble InRelease
  The following signatures were invalid: BADSIG B5119BD10A10C5D8 ubuntu <ubuntu@example.invalid>
W: GPG error: http://a.example/ubuntu noble InRelease: The following signatures were invalid: BADSIG B5119BD10A10C5D8 ubuntu <ubuntu@example.invalid>
E: The repository 'http://a.example/ubuntu noble InRelease' is not signed.`,
		"the archive's signature does not fit what it signs: it was changed on its way",
		false,
	],
	[
		"changed after signing, sqv",
		`W: OpenPGP signature verification failed: http://a.example/ubuntu noble InRelease: Sub-process /usr/bin/sqv returned an error code (1), error message is: Verifying signature:            Message has been manipulated
E: The repository 'http://a.example/ubuntu noble InRelease' is not signed.`,
		"the archive's signature does not fit what it signs: it was changed on its way",
		false,
	],
	[
		"not signed at all",
		`Ign:1 http://a.example/ubuntu noble InRelease
E: The repository 'http://a.example/ubuntu noble Release' is not signed.`,
		"http://a.example/ubuntu noble Release is not signed, and nothing is ever taken unsigned",
		false,
	],
	[
		"suite missing",
		`Ign:3 http://a.example/ubuntu noble-security InRelease
Err:4 http://a.example/ubuntu noble-security Release
  404  Not Found [IP: 127.0.0.1 39659]
E: The repository 'http://a.example/ubuntu noble-security Release' does not have a Release file.`,
		"http://a.example/ubuntu has no suite noble-security (404)",
		false,
	],
	[
		"index changed",
		`Err:4 http://a.example/ubuntu noble/main amd64 Packages
  Hash Sum mismatch
  Hashes of expected file:
   - Filesize:3802 [weak]
E: Failed to fetch http://a.example/ubuntu/dists/noble/main/binary-amd64/by-hash/SHA512/f451  Hash Sum mismatch
   Hashes of expected file:
E: Some index files failed to download. They have been ignored, or old ones used instead.`,
		"what the archive sent is not what its signed index promises (hash mismatch): http://a.example/ubuntu/dists/noble/main/binary-amd64/Packages",
		false,
	],
	[
		"index of another length",
		"E: Failed to fetch http://a.example/ubuntu/dists/noble/main/binary-amd64/Packages.xz  File has unexpected size (12 != 13). Mirror sync in progress? [IP: 127.0.0.1 80]",
		"what the archive sent is not what its signed index promises (hash mismatch): http://a.example/ubuntu/dists/noble/main/binary-amd64/Packages.xz",
		false,
	],
	[
		"package missing",
		`Err:16 http://a.example/ubuntu/pool/t/tool/tool_1_amd64.deb
  404  Not Found [IP: 127.0.0.1 80]
E: Failed to fetch http://a.example/ubuntu/pool/t/tool/tool_1_amd64.deb  404  Not Found [IP: 127.0.0.1 80]
E: Download Failed`,
		"the archive does not have a file that its index names (404): http://a.example/ubuntu/pool/t/tool/tool_1_amd64.deb",
		false,
	],
	[
		"forbidden",
		"E: Failed to fetch http://a.example/ubuntu/dists/noble/InRelease  403  Forbidden [IP: 127.0.0.1 3128]",
		"the archive refuses (403 Forbidden): http://a.example/ubuntu/dists/noble/InRelease",
		false,
	],
	[
		"expired",
		`E: Release file for http://a.example/ubuntu/dists/noble-updates/InRelease is expired (invalid since 3d 2h 1min 5s). Updates for this repository will not be applied.`,
		"the archive's index is out of its time, or this machine's clock is wrong: Release file for http://a.example/ubuntu/dists/noble-updates/InRelease is expired",
		false,
	],
	[
		"no such name",
		"E: Failed to fetch http://a.example/InRelease  Could not resolve 'a.example'",
		"the name a.example cannot be resolved",
		true,
	],
	[
		"resolver away",
		"E: Failed to fetch http://a.example/InRelease  Temporary failure resolving 'a.example'",
		"the name a.example cannot be resolved",
		true,
	],
	[
		"refused",
		"E: Failed to fetch http://a.example/InRelease  Could not connect to a.example:80 (127.0.0.1). - connect (111: Connection refused)",
		"the archive does not answer, or not to the end: Could not connect to a.example:80 (127.0.0.1). - connect (111: Connection refused)",
		true,
	],
	[
		"silent",
		`Err:1 http://a.example/ubuntu noble InRelease
  Connection failed [IP: 127.0.0.1 34285]`,
		"the archive does not answer, or not to the end: Connection failed [IP: 127.0.0.1 34285]",
		true,
	],
	[
		"cut",
		"E: Failed to fetch http://a.example/x.deb  Error reading from server. Remote end closed connection [IP: 127.0.0.1 1]",
		"the archive does not answer, or not to the end: Error reading from server. Remote end closed connection [IP: 127.0.0.1 1]",
		true,
	],
	["disk full", "E: Write error - write (28: No space left on device)", "the disk is full", false],
];

function failure(tail: readonly string[] = []): ToolError {
	return new ToolError({ doing: "fetching", argv: ["apt-get"], exitCode: 100, tail });
}

describe("apt's words", () => {
	it.each(CASES)("%s", (_, output, said, passing) => {
		const error = explainAptFailure(failure(), output, ["http://a.example/ubuntu", "http://a.example/ubuntu"]) as UserError;
		expect(error).toBeInstanceOf(UserError);
		expect(error.kind).toBe("failed");
		expect(error.problems).toHaveLength(1);
		const { message, fix } = error.problems[0]!;
		expect(message.replace(/ \(key \w+\)/, "")).toContain(`fetching: ${said}`);
		expect(message).toMatch(/; tried http:\/\/a\.example\/ubuntu$/);
		expect(fix).toMatch(/--mirror URL|mirror that serves|clock|free some space/);
		expect(isPassing(failure(), output)).toBe(passing);
	});

	it("are looked for in the last lines too", () => {
		expect(isPassing(failure(["E: Failed to fetch http://a.example/x  Connection timed out"]), "")).toBe(true);
	});

	it("that nobody knows leave the failure as it is", () => {
		const error = failure(["E: something else"]);
		expect(explainAptFailure(error, "", [])).toBe(error);
		expect(isPassing(error, "")).toBe(false);
	});

	it("are not looked for in errors that are not apt's", () => {
		const error = new Error("Connection refused");
		expect(explainAptFailure(error, "Connection refused", [])).toBe(error);
	});

	it("offer another mirror and another distribution", () => {
		expect(ELSEWHERE).toContain("--mirror");
		expect(ELSEWHERE).toContain("--base debian-13");
	});
});

describe("packages that do not go together", () => {
	const whereOf = (name: string) => ({ path: `packages of ${name}` });
	const INTRO = "Solving dependencies...\nThe following information may help to resolve the situation:\n\n";
	const apt2 = `${INTRO}The following packages have unmet dependencies:
 rival : Conflicts: tool
         Depends: other (>= 2) but it is not going to be installed
 lib1:amd64 : Depends: gone but it is not installable
E: Unable to correct problems, you have held broken packages.`;

	it("are named one by one, each at its place", () => {
		const error = unsolvable(failure(), apt2, whereOf) as UserError;
		expect(error.kind).toBe("invalid");
		expect(error.problems.map(({ message, path }) => [path, message])).toEqual([
			[
				"packages of rival",
				"rival cannot be installed with the rest: Conflicts: tool; Depends: other (>= 2) but it is not going to be installed",
			],
			["packages of lib1", "lib1:amd64 cannot be installed with the rest: Depends: gone but it is not installable"],
		]);
	});

	it("are found before what apt 3.0 says besides, however long that is", () => {
		const more = `${apt2}
E: The following information from --solver 3.0 may provide additional context:
   Unable to satisfy dependencies. Reached two conflicting decisions:
   1. rival:amd64=1.0 is selected for install${"\n   more".repeat(30)}`;
		expect((unsolvable(failure(), more, whereOf) as UserError).problems).toHaveLength(2);
	});

	it("leave another failure of apt as it is", () => {
		const error = failure();
		expect(unsolvable(error, "E: Could not open lock file", whereOf)).toBe(error);
	});
});
