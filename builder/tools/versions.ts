import { run } from "../../core/process/run.ts";

/** How the programs that shape bytes tell their version. */
const ASK: Readonly<Record<string, readonly string[]>> = {
	mmdebstrap: ["mmdebstrap", "--version"],
	apt: ["apt-get", "--version"],
	mke2fs: ["mke2fs", "-V"],
	"mkfs.vfat": ["mkfs.vfat", "--help"],
	mtools: ["mcopy", "--version"],
	sfdisk: ["sfdisk", "--version"],
	"qemu-img": ["qemu-img", "--version"],
};

/** Programs whose version is part of cache keys, with the file to look for in PATH. */
export const SHAPING = Object.entries(ASK).map(([name, argv]) => ({ name, program: argv[0]! }));

/** The first version number that a program prints. */
export async function toolVersion(name: string): Promise<string> {
	const any = Array.from({ length: 256 }, (_, code) => code);
	const { stdout, stderr } = await run(ASK[name]!, { doing: `asking ${name} for its version`, ok: any });
	return /\d+(?:\.\d+)+/.exec(`${stdout}\n${stderr}`)?.[0] ?? "unknown";
}
