import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createKey } from "../../../core/ssh/key.ts";
import { type SshTarget, sshArgv, waitForSsh } from "../../../core/ssh/ssh.ts";
import { freePorts } from "../../../qemu/ports.ts";

const target: SshTarget = { host: "127.0.0.1", port: 2201, user: "clusteros", identity: "/k/id", knownHosts: "/k/known_hosts" };

describe("sshArgv", () => {
	it("quotes each word for the remote shell", () => {
		expect(sshArgv(target, ["sh", "-c", "echo 'a b' > $HOME/x"]).at(-1)).toBe("sh -c 'echo '\\''a b'\\'' > $HOME/x'");
	});

	it("takes nothing from the user's own configuration, keys or agent", () => {
		const line = sshArgv(target, ["true"]).join(" ");
		expect(line).toMatch(/^ssh -F none -p 2201 -o IdentityFile=\/k\/id -o IdentitiesOnly=yes -o IdentityAgent=none /);
		expect(line).toMatch(
			/UserKnownHostsFile=\/k\/known_hosts -o GlobalKnownHostsFile=\/dev\/null .* clusteros@127\.0\.0\.1 -- true$/,
		);
		expect(line).not.toContain("Control");
	});

	it("shares a connection where a socket is named", () => {
		expect(sshArgv({ ...target, control: "/k/c" }, ["true"]).join(" ")).toContain("-o ControlMaster=auto -o ControlPath=/k/c");
	});
});

describe("waitForSsh", () => {
	it("says ssh's last words when it gives up", async () => {
		const [port] = await freePorts(1);
		await expect(waitForSsh({ ...target, port: port! }, 600)).rejects.toThrow(/within 0\.6 s: .*Connection refused/s);
	});
});

describe("createKey", () => {
	it("makes a pair that only its owner reads", async () => {
		const folder = await mkdtemp(join(tmpdir(), "key-"));
		const key = await createKey(join(folder, "id"), "lab admin");
		expect(key.publicKey).toMatch(/^ssh-ed25519 [\w+/=]+ lab admin$/);
		expect((await stat(key.identity)).mode & 0o777).toBe(0o600);
		await rm(folder, { recursive: true });
	});
});

describe("freePorts", () => {
	it("gives different ones that can be listened on", async () => {
		const ports = await freePorts(5);
		expect(new Set(ports).size).toBe(5);
		expect(ports.every((port) => port > 1023)).toBe(true);
	});
});
