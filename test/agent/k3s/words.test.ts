import { expect, it } from "vitest";
import { whatFails } from "../../../agent/k3s/words.ts";

const HASH = `${"a".repeat(64)} != ${"b".repeat(64)}`;

it.each([
	[`level=error msg="token CA hash does not match the Cluster CA certificate hash: ${HASH}"`, /another cluster's.*seed anew/],
	['level=fatal msg="bootstrap data already found and encrypted with different token"', /another token/],
	['level=error msg="Node password rejected, duplicate hostname"', /clusteros readmit n1/],
	['level=fatal msg="ETCD join failed: duplicate node name found, please use a unique name"', /another controller/],
	['E1123 "Failed to run kubelet" err="open /dev/kmsg: operation not permitted"', /^\/dev\/kmsg cannot be read \(operation not/],
	['level=error msg="write /var/lib/x: no space left on device"', /^the disk is full$/],
	['level=fatal msg="flag provided but not defined: -wibble"', /no setting "wibble".*cluster\.toml/],
	['level=error msg="https://127.0.0.1:6444/v1-k3s/readyz: 401 Unauthorized"', /refuses this node's token/],
	['level=fatal msg="something \\"new\\""', /^something "new"$/],
])("%s", (line, words) => {
	expect(whatFails(`Starting k3s-agent.service - k3s agent...\n${line}\n`, "n1", true)).toMatch(words);
});

it("lets pass what may pass, and what was before the last start", () => {
	const waiting = 'level=error msg="failed to get CA certs: connection refused"\n';
	expect(whatFails(waiting, "n1", true)).toBeUndefined();
	expect(whatFails(waiting, "n1", false)).toBe("failed to get CA certs: connection refused");
	const before = 'x\nlevel=fatal msg="no space left on device"\nStarting k3s-agent.service - k3s agent...\nlevel=info msg="up"\n';
	expect(whatFails(before, "n1", true)).toBeUndefined();
	expect(whatFails(before, "n1", false)).toBe("the disk is full");
});

it("does not take a server's answer to somebody else for its own", () => {
	const answered = 'level=error msg="Sending HTTP/2.0 401 response to 10.90.0.9:4711: not authorized"\n';
	expect(whatFails(`Starting k3s-server.service - k3s server...\n${answered}`, "c1", true)).toBeUndefined();
});
