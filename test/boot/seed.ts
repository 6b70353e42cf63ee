import type { SeedFiles } from "../../qemu/seed-disk.ts";
import { HOST_NAME, USER } from "./guest.ts";

/** A seed as an admin writes it: a host name, and one user who gets in by key. */
export function seedFor(publicKey: string): SeedFiles {
	const user = {
		name: USER,
		shell: "/bin/bash",
		sudo: "ALL=(ALL) NOPASSWD:ALL",
		lock_passwd: true,
		ssh_authorized_keys: [publicKey],
	};
	return {
		"meta-data": JSON.stringify({ "instance-id": `boot-tier-${HOST_NAME}`, "local-hostname": HOST_NAME }),
		"user-data": `#cloud-config\n${JSON.stringify({ users: [user] })}`,
	};
}
