import { createHash } from "node:crypto";
import type { Request } from "../../../builder/apt/solve.ts";
import { kernelCmdline } from "../../../builder/disk/grub.ts";
import { layoutOf } from "../../../builder/disk/layout.ts";
import { requestsOf } from "../../../builder/observe/packages.ts";
import type { Observed, Program } from "../../../builder/plan/observed.ts";
import { mergeUnits } from "../../../builder/profile/base.ts";
import type { RenderedFile } from "../../../builder/render/types.ts";
import { shippedBase, shippedProfile } from "../apt/bases.ts";

const TOOLS = ["mmdebstrap", "apt", "mke2fs", "mkfs.vfat", "mtools", "sfdisk", "qemu-img"];

/** `slurm` on a shipped base as if everything else of the world were this: the same on every machine. */
export async function observedSlurm(name: string, formats: readonly string[] = ["qcow2", "raw"]): Promise<Observed> {
	const base = await shippedBase(name);
	const { resolved, overlays } = await shippedProfile("slurm", name);
	const { profile } = resolved;
	const image = `slurm-${name}-amd64`;
	const architecture = base.arch.amd64!;
	const layout = layoutOf(image, profile.disk, architecture);
	const requests = requestsOf(profile, base, "amd64", overlays);
	return {
		name: image,
		resolved,
		base,
		arch: "amd64",
		architecture,
		formats,
		layout,
		cmdline: kernelCmdline({ rootUuid: layout.rootFsUuid, ...profile.console, args: profile.kernel.args }),
		requests,
		solved: requests.map(solvedAsAsked),
		localDebs: {},
		sources: "Types: deb\n",
		pockets: [{ name: "archive.example_dists_stable_InRelease", sha256: sha256("index") }],
		files: [exampleFile("/etc/example", "example\n")],
		programs: [exampleProgram("node 24.0.0", "/usr/lib/clusteros/node")],
		k3s: undefined,
		containerImages: [],
		agent: { path: "/agent.js", sha256: sha256("agent") },
		scripts: [{ path: "/site/tune.sh", sha256: sha256("script") }],
		units: mergeUnits(base.units, ...overlays.map(({ overlay }) => overlay.units), profile.units),
		tools: Object.fromEntries(TOOLS.map((tool) => [tool, "1.0"])),
		epoch: undefined,
	};
}

export function sha256(text: string): string {
	return createHash("sha256").update(text).digest("hex");
}

export function exampleFile(path: string, text: string): RenderedFile {
	const owner = { owner: "root", group: "root" };
	return { path, content: Buffer.from(text), mode: 0o644, ...owner, overlay: "base", source: `overlays/base/rootfs${path}` };
}

export function exampleProgram(name: string, path: string): Program {
	return { name, path, mode: 0o755, sha256: sha256(name), from: { file: "/elsewhere", size: 1 } };
}

/** Each package asked for, in version 1, and nothing besides. */
function solvedAsAsked({ layer, packages }: Request): Observed["solved"][number] {
	const debs = packages.map((name) => ({
		name,
		version: "1",
		arch: "amd64",
		size: 1000,
		installed: 4096,
		sha256: sha256(name),
		uri: `http://archive.example/${name}.deb`,
		file: `${name}_1_amd64.deb`,
	}));
	return { layer, debs };
}
