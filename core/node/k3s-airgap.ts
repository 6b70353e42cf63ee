import { K3S_AGENT } from "./k3s-paths.ts";

/** Where k3s takes container images from when it starts. */
export const IMAGES = `${K3S_AGENT}/images`;

/** The file of a k3s release that has the images k3s itself needs. */
export function airgapName(arch: string): string {
	return `k3s-airgap-images-${arch}.tar.zst`;
}

/** The architecture a file is that for, in whichever way it is compressed; undefined when it is another file. */
export function airgapArch(name: string): string | undefined {
	return /^k3s-airgap-images-(.*)\.tar(\.zst|\.gz)?$/.exec(name)?.[1];
}

/** Whether a file in {@link IMAGES} is the archive of a k3s release. */
export function isAirgapArchive(name: string): boolean {
	return airgapArch(name) !== undefined;
}
