import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { aptConf } from "../../../builder/apt/conf.ts";
import { hostAcquireOptions, worldOptions } from "../../../builder/apt/world.ts";
import { run } from "../../../core/process/run.ts";
import { complaintsOf, folder } from "../profile/support.ts";

afterEach(() => {
	vi.unstubAllEnvs();
});

/** What apt itself reads. */
async function readBack(text: string, ...names: string[]): Promise<string[]> {
	const config = join(await folder({ "apt.conf": text }), "apt.conf");
	const asked = names.map(async (name) => {
		const { stdout } = await run(["apt-config", "shell", "VALUE", name], { doing: "asking apt", env: { APT_CONFIG: config } });
		return /^VALUE='(.*)'$/ms.exec(stdout)?.[1] ?? "";
	});
	return Promise.all(asked);
}

describe("apt.conf", () => {
	it("is read back by apt as it was meant", async () => {
		const options = {
			"Acquire::http::Proxy": "http://user:p%40ss@proxy.example:3128/",
			"My::Odd": "semi;colon // slashes # hash {braces} back\\slash",
			"Acquire::http::Proxy::[::1]": "DIRECT",
		};
		expect(await readBack(aptConf(options), "Acquire::http::Proxy", "My::Odd")).toEqual(Object.values(options).slice(0, 2));
	});

	it("cannot hold quotation marks, line ends and names with blanks, and says so for all of them", async () => {
		const bad = { "A::B": 'say "x"', "A::C": "two\nlines", "A B": "x", "A::D": "fine" };
		expect(await complaintsOf(() => aptConf(bad))).toEqual([
			expect.stringContaining('apt\'s configuration cannot hold A::B = "say \\"x\\""'),
			expect.stringContaining('A::C = "two\\nlines"'),
			expect.stringContaining('A B = "x"'),
		]);
	});
});

describe("a world", () => {
	const spec = { dir: "/world", arch: "amd64", recommends: true, options: { "Acquire::Retries": "9", "My::Option": "1" } };

	it("takes proxies and validity from the host, and nothing that says whom to trust", async () => {
		const host = [
			'Acquire::http::Proxy "http://proxy.example";',
			'Acquire::Check-Valid-Until "false";',
			'Acquire::AllowInsecureRepositories "true";',
			'Acquire::AllowDowngradeToInsecureRepositories "true";',
			'APT::Get::AllowUnauthenticated "true";',
			'Acquire::gpgv::Options:: "--ignore-time-conflict";',
			'Acquire::Languages "de";',
		];
		vi.stubEnv("APT_CONFIG", join(await folder({ "apt.conf": host.join("\n") }), "apt.conf"));
		const options = await hostAcquireOptions();
		expect(options).toMatchObject({ "Acquire::http::Proxy": "http://proxy.example", "Acquire::Check-Valid-Until": "false" });
		expect(Object.keys(options).filter((name) => /Allow|gpgv|Languages|^APT/i.test(name))).toEqual([]);
	});

	it("lets the host choose how long to wait, and nobody how often to try: that is our work", () => {
		const found = worldOptions(spec, "/lists", { "Acquire::http::Timeout": "120", "Acquire::Retries": "5" });
		expect(found).toMatchObject({
			"Acquire::http::Timeout": "120",
			"Acquire::https::Timeout": "10",
			"Acquire::Retries": "0",
			"My::Option": "1",
		});
	});

	it("shares apt's caches with the lists that it uses", () => {
		expect(worldOptions(spec, "/other/lists", {})).toMatchObject({ "Dir::State::lists": "/other/lists", "Dir::Cache": "/other" });
	});
});
