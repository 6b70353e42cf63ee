import type { TemplateContext } from "../../builder/render/types.ts";

const common = {
	profile: { name: "slurm" },
	arch: "amd64",
	console: { serial: "ttyS0", speed: 115200 },
	kernel: { args: [] },
	ssh: { password_login: false, root_login: false },
	settings: {},
	root_uuid: "6e1cf1a6-0000-4000-8000-000000000001",
	esp_uuid: "1234-ABCD",
	cmdline: "root=UUID=6e1cf1a6-0000-4000-8000-000000000001 ro console=tty0 console=ttyS0,115200",
};

/** A fixed context for each base: what goldens are rendered with. */
export const contexts: Readonly<Record<string, TemplateContext>> = {
	"debian-13": {
		...common,
		base: { name: "debian-13", distribution: "debian", codename: "trixie" },
		apt: { sources: "Types: deb\nURIs: http://debian.example/debian\nSuites: trixie trixie-updates\nComponents: main" },
	},
	"ubuntu-24.04": {
		...common,
		base: { name: "ubuntu-24.04", distribution: "ubuntu", codename: "noble" },
		apt: { sources: "Types: deb\nURIs: http://ubuntu.example/ubuntu\nSuites: noble noble-updates\nComponents: main universe" },
	},
};
