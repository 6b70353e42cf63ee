import { expect, it } from "vitest";
import { serfJson } from "../../../agent/serf/config.ts";

const config = { node: "n1.0123abcd", lan: "192.168.77.12", rpcKey: "k", cluster: "lab", tags: {} };
const made = (slow: number, meet: readonly string[] = []) => JSON.parse(serfJson({ ...config, slow, meet }, "/keyring"));

it("has a LAN's timeouts on metal, a WAN's under emulation", () => {
	expect(made(1)).not.toHaveProperty("profile");
	expect(made(8)).toMatchObject({ profile: "wan" });
});

it("looks for others by mDNS, or at addresses, of which its own is none", () => {
	expect(made(1)).toMatchObject({ discover: "lab" });
	const meeting = made(1, ["192.168.77.12", "192.168.77.12:7946", "192.168.77.11"]);
	expect(meeting).toMatchObject({ retry_join: ["192.168.77.11"] });
	expect(meeting).not.toHaveProperty("discover");
});
