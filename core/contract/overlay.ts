import * as z from "zod";
import { units } from "./profile.ts";
import { formatVersion } from "./version.ts";

/** A container image that the build makes of what the tree itself holds: for nodes that reach no registry. */
const containerImage = z.strictObject({
	name: z
		.string()
		.regex(/^[a-z0-9.:-]+(\/[a-z0-9._-]+)+:[\w][\w.-]*$/, "a whole name with its tag, such as localhost/site/tool:1")
		.describe("Its whole name, with registry and tag."),
	archive: z
		.string()
		.startsWith("/")
		.describe("The docker-archive in the image that holds it; images that name the same one share it, and their bytes."),
	command: z.array(z.string().min(1)).min(1).describe("What its container runs when nothing else is said; no shell is added."),
});

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
	programs: z
		.array(z.enum(["k3s"]))
		.default([])
		.describe("Programs that come from no package; the build knows where each is taken from."),
	container_image: z
		.array(containerImage)
		.default([])
		.describe("Container images of the tree's static busybox (package busybox-static) and a link for each of its applets."),
});

export type ContainerImage = z.output<typeof containerImage>;
export type Overlay = z.output<typeof overlayFile>;
