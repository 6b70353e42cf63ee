import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { baseSources } from "../../../builder/apt/archives.ts";
import { aptConf } from "../../../builder/apt/conf.ts";
import { deb822 } from "../../../builder/apt/deb822.ts";
import { worldOptions } from "../../../builder/apt/world.ts";
import { mmdebstrapArgs } from "../../../builder/tools/mmdebstrap.ts";
import { addressesOf, BASES, shippedBase, slurmRequests } from "./bases.ts";

/** What apt and mmdebstrap are told for each base. `npx vitest run test/builder/apt -u` writes the files again. */
describe.each(BASES)("%s", (name) => {
	const golden = (file: string) => join(import.meta.dirname, "expected", name, file);

	it("has these sources", async () => {
		const base = await shippedBase(name);
		const keyrings = [base.apt.keyring.host, "/checkout/profiles/bases/keyrings/copy.asc"];
		await expect(deb822(baseSources(base, await addressesOf(base), keyrings))).toMatchFileSnapshot(golden("build.sources"));
	});

	it("has these sources from one mirror", async () => {
		const base = await shippedBase(name);
		const addresses = await addressesOf(base, "http://mirror.example/archive/");
		await expect(deb822(baseSources(base, addresses, ["/keyring.gpg"]))).toMatchFileSnapshot(golden("mirror.sources"));
	});

	it("is asked through this apt.conf", async () => {
		const base = await shippedBase(name);
		const spec = { dir: "/world", arch: "amd64", recommends: false, options: base.apt.options };
		await expect(aptConf(worldOptions(spec, "/world/lists", {}))).toMatchFileSnapshot(golden("apt.conf"));
	});

	it("gets these packages, layer by layer", async () => {
		const { requests } = await slurmRequests(await shippedBase(name));
		const lines = requests.flatMap(({ layer, packages }) => [`[${layer}]`, ...packages]);
		await expect(`${lines.join("\n")}\n`).toMatchFileSnapshot(golden("packages"));
	});

	it("is made by this mmdebstrap call", async () => {
		const base = await shippedBase(name);
		const { requests } = await slurmRequests(base);
		const aptOptions = { ...base.apt.options, "APT::Install-Recommends": "false" };
		const argv = mmdebstrapArgs({ root: "/tree", arch: "amd64", packages: requests[0]!.packages, aptOptions });
		await expect(`${argv.join("\n")}\n`).toMatchFileSnapshot(golden("mmdebstrap"));
	});
});
