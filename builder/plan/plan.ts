import { createHash } from "node:crypto";
import type { StepRecord } from "../../core/contract/plan.ts";
import { BIOS_MODULES } from "../disk/grub.ts";
import { FORMATS } from "../formats.ts";
import type { RenderedFile } from "../render/types.ts";
import { keyOf } from "../store/key.ts";
import type { Observed, Program } from "./observed.ts";
import { RECIPE } from "./recipe.ts";
import type { DiskStep, FilesStep, ImageStep, Output, PackagesStep, Plan, ProgramsStep, Step } from "./steps.ts";

/** Profile and observations to ordered steps, each with its readable record and key. Pure. */
export function makePlan(seen: Observed): Plan {
	const layers = packageSteps(seen);
	const programs = programsStep(seen, layers.at(-1)!);
	const files = filesStep(seen, programs);
	const disk = diskStep(seen, files);
	const images = seen.formats.includes("qcow2") ? [qcow2Step(seen, disk)] : [];
	const steps: Step[] = [...layers, programs, files, disk, ...images];
	return { name: seen.name, steps, outputs: outputs(seen, disk, images) };
}

function withKey<T extends { readonly record: StepRecord }>(step: T): T & { readonly key: string } {
	return { ...step, key: keyOf(step.record) };
}

function packageSteps(seen: Observed): PackagesStep[] {
	const steps: PackagesStep[] = [];
	for (const [position, request] of seen.requests.entries()) {
		const below = steps.at(-1);
		steps.push(packagesStep(seen, position, request, below));
	}
	return steps;
}

function packagesStep(
	seen: Observed,
	position: number,
	request: Observed["requests"][number],
	below: PackagesStep | undefined,
): PackagesStep {
	const solved = seen.solved[position]!;
	const record: StepRecord = {
		recipe: RECIPE.packages,
		base: seen.base.name,
		arch: seen.arch,
		below: below?.key ?? null,
		packages: request.packages.toSorted(),
		"local debs": Object.fromEntries(request.debs.map((path) => [path.split("/").at(-1)!, seen.localDebs[path]!])),
		recommends: seen.resolved.profile.recommends,
		"path exclude": seen.resolved.profile.pathExclude,
		"apt options": seen.base.apt.options,
		// Digest and version of every .deb, rather than the archive's index: a new index with the same packages changes nothing.
		debs: Object.fromEntries(solved.debs.map((deb) => [deb.name, `${deb.version} ${deb.sha256.slice(0, 32)}`])),
		epoch: seen.epoch ?? "newest package",
		...(below ? {} : { mmdebstrap: seen.tools.mmdebstrap! }),
		apt: seen.tools.apt!,
	};
	return withKey({
		kind: "packages" as const,
		id: `packages:${request.layer}`,
		title: `${request.layer} packages`,
		slot: `packages:${request.layer}@${seen.base.name}-${seen.arch}`,
		record,
		below: below?.id,
		request,
		solved,
	});
}

function programsStep(seen: Observed, below: PackagesStep): ProgramsStep {
	const describe = ({ name, path, mode, sha256 }: Program) => [path, `${octal(mode)} ${name} ${sha256}`] as const;
	const record: StepRecord = {
		recipe: RECIPE.programs,
		below: below.key,
		programs: Object.fromEntries(seen.programs.map(describe)),
		epoch: seen.epoch ?? "newest package",
	};
	const slot = `programs:${seen.name}`;
	return withKey({ kind: "programs" as const, id: "programs", title: "programs", slot, record, below: below.id });
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, "0");
}

function filesStep(seen: Observed, below: ProgramsStep): FilesStep {
	const record: StepRecord = {
		recipe: RECIPE.files,
		below: below.key,
		files: Object.fromEntries(seen.files.map((file) => [file.path, describeFile(file)])),
		agent: seen.agent.sha256,
		"container images": seen.containerImages.map(({ name, archive, command }) => ({ name, archive, command })),
		units: { enable: seen.units.enable, disable: seen.units.disable, mask: seen.units.mask },
		scripts: Object.fromEntries(seen.scripts.map(({ path, sha256 }) => [path.split("/").at(-1)!, sha256])),
		cmdline: seen.cmdline,
		grub: { bios: seen.architecture.grub_bios?.target ?? null, modules: BIOS_MODULES },
		epoch: seen.epoch ?? "newest package",
	};
	return withKey({ kind: "files" as const, id: "files", title: "files", slot: `files:${seen.name}`, record, below: below.id });
}

function describeFile(file: RenderedFile): string {
	const content = file.target === undefined ? createHash("sha256").update(file.content).digest("hex") : `-> ${file.target}`;
	return `${octal(file.mode)} ${file.owner}:${file.group} ${content}`;
}

function diskStep(seen: Observed, below: FilesStep): DiskStep {
	const record: StepRecord = {
		recipe: RECIPE.disk,
		below: below.key,
		layout: JSON.parse(JSON.stringify(seen.layout)) as StepRecord,
		efi: seen.architecture.efi,
		mke2fs: seen.tools.mke2fs!,
		"mkfs.vfat": seen.tools["mkfs.vfat"]!,
		mtools: seen.tools.mtools!,
		sfdisk: seen.tools.sfdisk!,
	};
	return withKey({
		kind: "disk" as const,
		id: "disk",
		title: "disk",
		slot: `disk:${seen.name}`,
		record,
		below: below.id,
		keep: seen.formats.includes("raw"),
	});
}

function qcow2Step(seen: Observed, below: DiskStep): ImageStep {
	const record: StepRecord = {
		recipe: RECIPE.image,
		below: below.key,
		format: "qcow2",
		compression: "zstd",
		"qemu-img": seen.tools["qemu-img"]!,
	};
	return withKey({
		kind: "image" as const,
		id: "qcow2",
		title: "qcow2",
		slot: `qcow2:${seen.name}`,
		record,
		below: below.id,
		format: "qcow2" as const,
	});
}

function outputs(seen: Observed, disk: DiskStep, images: readonly ImageStep[]): Output[] {
	const made = new Map<string, string>([...images.map((step) => [step.format, step.id] as const), ["raw", disk.id]]);
	return seen.formats.map((format) => ({
		format,
		step: made.get(format)!,
		entryFile: `disk.${format}`,
		file: `${seen.name}.${FORMATS[format as keyof typeof FORMATS].suffix}`,
	}));
}
