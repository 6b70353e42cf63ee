/** mmdebstrap: makes a root filesystem from packages that are already here. */

export interface BootstrapSpec {
	/** Folder that becomes the tree; apt's lists and archives are mounted into it beforehand. */
	readonly root: string;
	readonly arch: string;
	/** Packages beyond the essential ones and apt. */
	readonly packages: readonly string[];
	/** `Name "value"` pairs for apt inside the tree's building, not left in the tree. */
	readonly aptOptions: Readonly<Record<string, string>>;
}

/**
 * Nothing is downloaded or updated (the lists and .debs are there), nothing of apt's is cleaned (both are mounts),
 * and the sources come on standard input: with a suite name mmdebstrap would choose a mirror of its own.
 * `root` mode, because we are root here, be it of a user namespace.
 */
export function mmdebstrapArgs(spec: BootstrapSpec): string[] {
	const aptOptions = Object.entries(spec.aptOptions).map(([name, value]) => `--aptopt=${name} "${value}"`);
	return [
		"mmdebstrap",
		"--verbose",
		"--mode=root",
		"--variant=apt",
		"--format=directory",
		`--architectures=${spec.arch}`,
		"--skip=check/empty,update,cleanup/apt,check/signed-by",
		...aptOptions,
		// debconf's questions beforehand: nobody is there to answer them.
		"--aptopt=#clear DPkg::Pre-Install-Pkgs;",
		"--dpkgopt=force-unsafe-io",
		`--include=${spec.packages.join(",")}`,
		"",
		spec.root,
		"-",
	];
}
