import { describe, expect, it } from "vitest";
import { requestsOf } from "../../../builder/observe/packages.ts";
import type { Overlay } from "../../../core/contract/overlay.ts";
import type { Profile } from "../../../core/contract/profile.ts";
import { BASES, shippedBase, shippedProfile } from "../apt/bases.ts";

/** `slurm` with these layers. */
async function requested(base: string, layers: Profile["layers"], overlays: Record<string, string[]> = {}) {
	const { resolved } = await shippedProfile("slurm", base);
	const named = Object.entries(overlays).map(([name, packages]) => ({ name, overlay: { packages } as Overlay }));
	return requestsOf({ ...resolved.profile, layers }, await shippedBase(base), "amd64", named);
}

describe("requests", () => {
	it("have the kernel and the boot loaders in the first layer, and nowhere else", async () => {
		const [first, second] = await requested("ubuntu-24.04", [layer("a", "x"), layer("b", "y")]);
		expect(first!.packages).toEqual(["x", "linux-image-generic", "grub-pc", "grub-efi-amd64-signed", "shim-signed"]);
		expect(second!.packages).toEqual(["y"]);
	});

	it.each(BASES)("have %s's own names", async (base) => {
		const requests = await requested(base, [layer("a"), layer("b", "libpmix2", "dbus")]);
		expect(requests[1]!.packages).toEqual(["libpmix2t64", "dbus"]);
	});

	it("have an overlay's packages in the layer that names the overlay, and nothing twice", async () => {
		const layers = [layer("a"), { ...layer("b", "x"), overlays: ["o"] }, layer("c")];
		const requests = await requested("debian-13", layers, { o: ["x", "y", "libpmix2"], other: ["z"] });
		expect(requests.map(({ packages }) => packages).slice(1)).toEqual([["x", "y", "libpmix2t64"], []]);
	});

	it("take the flavour that the profile says", async () => {
		const { resolved, overlays } = await shippedProfile("base", "ubuntu-24.04", "kernel.flavour=virtual");
		const [first] = requestsOf(resolved.profile, await shippedBase("ubuntu-24.04"), "amd64", overlays);
		expect(first!.packages).toContain("linux-image-virtual");
		expect(first!.packages).not.toContain("linux-image-generic");
	});

	it("install local .debs of the first layer on top of it: mmdebstrap takes names only", async () => {
		const requests = await requested("debian-13", [
			{ ...layer("a", "x"), debs: ["/site/a.deb"] },
			{ ...layer("b"), debs: ["/site/b.deb"] },
		]);
		expect(requests.map(({ layer: name, debs }) => [name, debs])).toEqual([
			["a", []],
			["a-local", ["/site/a.deb"]],
			["b", ["/site/b.deb"]],
		]);
	});
});

function layer(name: string, ...packages: string[]): Profile["layers"][number] {
	return { name, packages, debs: [] };
}
