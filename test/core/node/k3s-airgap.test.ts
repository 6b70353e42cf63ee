import { expect, it } from "vitest";
import { airgapArch, airgapName, isAirgapArchive } from "../../../core/node/k3s-airgap.ts";

it.each([
	["k3s-airgap-images-amd64.tar.zst", "amd64"],
	["k3s-airgap-images-amd64.tar.gz", "amd64"],
	["k3s-airgap-images-arm64.tar", "arm64"],
	["clusteros.tar", undefined],
	["k3s-airgap-images-amd64.tar.part", undefined],
])("%s is k3s' own archive for %s", (name, arch) => {
	expect(airgapArch(name)).toBe(arch);
	expect(isAirgapArchive(name)).toBe(arch !== undefined);
});

it("a release's own name for it is one of them", () => {
	expect(airgapArch(airgapName("arm64"))).toBe("arm64");
});
