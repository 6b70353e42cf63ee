import * as z from "zod";
import { units } from "./profile.ts";
import { formatVersion } from "./version.ts";

/** `overlays/NAME/overlay.toml`: what a folder of files needs around it. Files lie in `rootfs/`; `.hbs` is rendered. */
export const overlayFile = z.strictObject({
	version: formatVersion,
	description: z.string().describe("One line for people."),
	packages: z
		.array(z.string())
		.default([])
		.describe("Packages that the files need; they join the layer of the profile that names the overlay."),
	units: units.prefault({}),
	files: z
		.record(
			z.string().startsWith("/"),
			z.strictObject({
				mode: z
					.string()
					.regex(/^0[0-7]{3,4}$/, 'an octal mode such as "0640"')
					.optional()
					.describe("Octal mode in quotes."),
				owner: z.string().optional().describe("User that exists in the image; default root."),
				group: z.string().optional().describe("Group that exists in the image; default root."),
			}),
		)
		.default({})
		.describe("Modes and owners that differ from 0644 (0755 for executables) root:root, by path in the image."),
	links: z.record(z.string().startsWith("/"), z.string()).default({}).describe("Symbolic links: path in the image to target."),
});

export type Overlay = z.output<typeof overlayFile>;
