import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { airgapArch } from "../../core/node/k3s-airgap.ts";
import { readElf } from "../elf.ts";
import { binaryName, checksumsName, parseChecksums } from "./checksums.ts";
import { BESIDE_K3S, type K3sFile, type K3sLayout } from "./layout.ts";

export interface FolderSpec {
	/** Absolute. */
	readonly dir: string;
	/** Who named it, for messages: "--k3s-dir". */
	readonly by: string;
	readonly arch: string;
	readonly digest: (file: string) => Promise<string>;
}

/** The k3s that a folder holds. `k3s` is the first of `files`. */
export interface K3sFolder {
	readonly layout: K3sLayout;
	readonly files: readonly K3sFile[];
}

/**
 * Looks at a folder with k3s. With the containerd shim or flannel in it, it is the unbundled layout and has to have both.
 * Architectures come first, then digests against the release's own list where that lies beside; nothing is run.
 * @throws UserError with all that is wrong.
 */
export async function readFolder(spec: FolderSpec): Promise<K3sFolder> {
	const names = await listing(spec);
	const k3s = ["k3s", binaryName(spec.arch)].find((name) => names.includes(name));
	const unbundled = BESIDE_K3S.some((name) => names.includes(name));
	const programs = unbundled ? ["k3s", ...BESIDE_K3S] : [k3s ?? "k3s"];
	const missing = programs.filter((name) => !names.includes(name));
	if (missing.length > 0)
		throw new UserError(
			"invalid",
			missing.map((name) => notThere(name, names, spec)),
		);
	await mustFit(programs, spec);
	const wanted = [...programs, ...names.filter((name) => airgapArch(name) === spec.arch)];
	const files = await Promise.all(wanted.map((name) => fileOf(name, name === k3s ? "k3s" : name, spec)));
	await mustBeAsListed(wanted, files, names, spec);
	return { layout: unbundled ? "unbundled" : "bundled", files };
}

async function listing({ dir, by }: FolderSpec): Promise<string[]> {
	return readdir(dir).catch((error: NodeJS.ErrnoException) => {
		const why =
			error.code === "ENOENT" ? "there is no such folder" : error.code === "ENOTDIR" ? "it is no folder" : error.message;
		throw new UserError("invalid", { message: `${by} ${dir}: ${why}`, fix: "name the folder that holds the file k3s" });
	});
}

function notThere(name: string, names: readonly string[], { dir, by }: FolderSpec): Problem {
	const has = names.length === 0 ? "it is empty" : `it holds: ${names.toSorted().slice(0, 8).join(", ")}`;
	const layouts = "a folder with the release's k3s alone, or with k3s, containerd-shim-runc-v2 and flannel (unbundled)";
	return { message: `${by} ${dir} has no file ${name}; ${has}`, fix: layouts };
}

/** Before anything else of them is read: a program of another architecture is the most common mistake. */
async function mustFit(programs: readonly string[], { dir, by, arch }: FolderSpec): Promise<void> {
	const looked = await Promise.all(programs.map(async (name) => ({ name, elf: await readElf(join(dir, name)) })));
	const problems = looked.flatMap(({ name, elf }) => archProblem(`${by} ${join(dir, name)}`, elf?.arch, arch));
	if (problems.length > 0) throw new UserError("invalid", problems);
}

/** What is wrong with a program for an image of `arch`; `found` is undefined for what is no program. */
export function archProblem(what: string, found: string | undefined, arch: string): Problem[] {
	if (found === arch) return [];
	const is = found === undefined ? "is no Linux program (it has no ELF header)" : `is a program for ${found}`;
	return [{ message: `${what} ${is}; the image is for ${arch}`, fix: `take the release's ${binaryName(arch)}` }];
}

async function fileOf(file: string, name: string, { dir, digest }: FolderSpec): Promise<K3sFile> {
	const path = join(dir, file);
	return { name, sha256: await digest(path), from: { file: path, size: (await stat(path)).size } };
}

/** A release's own list of digests is believed where it lies beside the files. */
async function mustBeAsListed(
	wanted: readonly string[],
	files: readonly K3sFile[],
	names: readonly string[],
	{ dir, by, arch }: FolderSpec,
): Promise<void> {
	const list = checksumsName(arch);
	if (!names.includes(list)) return;
	const digests = parseChecksums(await readFile(join(dir, list), "utf8"));
	const problems = wanted.flatMap((name, index): Problem[] => {
		const [said, is] = [digests.get(name), files[index]!.sha256];
		if (said === undefined || said === is) return [];
		const message = `${by} ${join(dir, name)} has SHA-256 ${is}; ${list} beside it says ${said}`;
		return [{ message, fix: "fetch the file again, or take the list of the same release" }];
	});
	if (problems.length > 0) throw new UserError("invalid", problems);
}
