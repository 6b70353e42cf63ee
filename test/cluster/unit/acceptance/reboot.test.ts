import { expect, it } from "vitest";
import { groupsNamed } from "../../../../cluster/acceptance/groups.ts";
import { runSuite } from "../../../../cluster/acceptance/run-suite.ts";
import type { Rule } from "./fake-cluster.ts";
import { healthySuite } from "./healthy.ts";

/** Nodes that come back from a reboot with another boot id; `after` is what else has changed by then. */
function rebooting(after: Rule = () => undefined) {
	const orders: string[] = [];
	const boots = new Map<string, number>();
	const rule: Rule = (command, node, options) => {
		if (command === "systemctl --no-block reboot") {
			orders.push(node);
			boots.set(node, (boots.get(node) ?? 0) + 1);
			if (node === "n3") throw new Error("n3 cannot be reached: the connection broke");
			return "";
		}
		if (command === "cat /proc/sys/kernel/random/boot_id") return `boot ${boots.get(node) ?? 0} of ${node}\n`;
		return boots.has(node) ? after(command, node, options) : undefined;
	};
	return { orders, rule };
}

async function identity(rule: Rule, doing = (_words: string) => {}) {
	const suite = { ...healthySuite([rule], { reboot: true }), slow: 1 };
	const results = await runSuite(suite, groupsNamed(["identity"]), { doing });
	return results.map(({ verdict }) =>
		verdict.status === "failed" ? verdict.complaints.map(({ seen }) => seen).join("; ") : verdict.status,
	);
}

it("reboots the workers together, then the controller, each once", async () => {
	const { orders, rule } = rebooting();
	const told: string[] = [];
	expect(await identity(rule, (words) => void told.push(words))).toEqual(Array(5).fill("passed"));
	expect(told[0]).toBe("rebooting n1 n2 n3 n4");
	expect(told.slice(-2)).toEqual(["rebooting c1", "waiting until all nodes are ready again"]);
	expect(orders.slice(0, 4).toSorted()).toEqual(["n1", "n2", "n3", "n4"]);
	expect(orders.slice(4)).toEqual(["c1"]);
});

it("sees a node that came back as another", async () => {
	const { rule } = rebooting((command, node) =>
		node === "n2" && command === "cat /run/clusteros/status.json" ? '{"node": "ffffffffffffffff", "state": "ready"}' : undefined,
	);
	expect(await identity(rule)).toEqual(["passed", "passed", "node ffffffffffffffff", "passed", "passed"]);
});

it("sees a key that was made anew", async () => {
	const { rule } = rebooting((command, node) =>
		node === "c1" && command.startsWith("sha256sum /var") ? `${"1".repeat(64)}  /var/lib/clusteros/wireguard.key\n` : undefined,
	);
	const [first, ...others] = await identity(rule);
	expect(first).toContain("another /var/lib/clusteros/wireguard.key");
	expect(others).toEqual(Array(4).fill("passed"));
});
