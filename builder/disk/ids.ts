import { createHash } from "node:crypto";

/** A UUID (version 8: made from a hash) for one purpose within one image name. */
export function idFrom(name: string, purpose: string): string {
	const hex = createHash("sha256").update(`clusteros/${purpose}/${name}`).digest("hex");
	const variant = ((Number.parseInt(hex[16]!, 16) & 3) | 8).toString(16);
	return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `${variant}${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
		"-",
	);
}
