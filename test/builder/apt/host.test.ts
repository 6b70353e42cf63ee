import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { hostArchive, hostRelease, hostSources, type IndexTarget } from "../../../builder/apt/host.ts";
import { folder } from "../profile/support.ts";

const release = { distribution: "debian", codename: "trixie" };
const target = (uri: string, suite: string, component = "main"): IndexTarget => ({ uri, suite, component });

describe("the host's archive", () => {
	const targets = [
		target("http://vendor.example/debian", "stable"),
		target("http://vendor.example/debian", "trixie", "contrib"),
		target("http://other.example/tool", "trixie"),
		target("http://old.example/debian", "bookworm"),
		target("http://host.example/debian", "trixie"),
		target("http://later.example/debian", "trixie"),
		target("http://host.example/debian-security", "trixie-security"),
	];

	it("is that of its own release: third-party entries have another suite, component or name", () => {
		expect(hostArchive(targets, release, "archive")).toBe("http://host.example/debian");
		expect(hostArchive(targets, release, "security")).toBe("http://host.example/debian-security");
	});

	it("is none where all entries are somebody else's", () => {
		expect(hostArchive(targets.slice(0, 4), release, "archive")).toBeUndefined();
		expect(hostArchive(targets, { distribution: "debian", codename: "sid" }, "archive")).toBeUndefined();
	});

	it("is not asked for by another family", async () => {
		const asked: string[] = [];
		const memo = async <T>(name: string, _: unknown, make: () => Promise<T>) => {
			asked.push(name);
			return make();
		};
		expect(await hostSources("no-such-family", memo).host("archive")).toBeUndefined();
		expect(asked).toEqual([]);
	});
});

describe("os-release", () => {
	it("is read with and without quotation marks", async () => {
		const dir = await folder({
			a: 'NAME="Debian"\nID=debian\nVERSION_CODENAME=trixie\n',
			b: 'ID="ubuntu"\nVERSION_CODENAME="noble"\n',
		});
		expect(await hostRelease(join(dir, "a"))).toEqual(release);
		expect(await hostRelease(join(dir, "b"))).toEqual({ distribution: "ubuntu", codename: "noble" });
	});

	it("may be missing", async () => {
		expect(await hostRelease("/nonexistent/os-release")).toEqual({ distribution: "", codename: "" });
	});
});
