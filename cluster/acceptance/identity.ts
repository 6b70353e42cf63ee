import { ask } from "./ask.ts";
import type { Complaint, Group, Suite, TestNode } from "./check.ts";
import { reboot } from "./reboot.ts";
import { expectThat, once, shownBy, verdictOf } from "./verdict.ts";

/** Made on the node at its first boot; they never leave it: their digests do. */
const KEYS = ["/var/lib/clusteros/identity.key", "/var/lib/clusteros/wireguard.key"];
const FACTS = ["%a", "%U", "%n"].join(" ");

/** Node id and the digests and modes of the key files, as one node has them. */
interface Identity {
	readonly id: string;
	/** Path → digest. */
	readonly digests: ReadonlyMap<string, string>;
	/** Path → `600 root`. */
	readonly modes: ReadonlyMap<string, string>;
}

type Identities = ReadonlyMap<string, Identity>;

/** Node ids are unique, key files are root's alone, and both survive a reboot: of all workers at once, then of the controllers. */
export const identity: Group = {
	name: "identity",
	checks: (suite) => {
		const story = once(async () => {
			const before = await identities(suite);
			if (!suite.reboot) return { before, after: before };
			await reboot(suite);
			return { before, after: await identities(suite) };
		});
		const judge = async (node: TestNode) => {
			const { before, after } = await story();
			return verdictOf([...aboutKeys(suite, node, after), ...aboutChange(suite, node, before, after)]);
		};
		return suite.nodes.map((node) => ({ group: "identity", name: node.name, node: node.name, run: () => judge(node) }));
	},
};

async function identities(suite: Suite): Promise<Identities> {
	return new Map(await Promise.all(suite.nodes.map(async (node) => [node.name, await identityOf(suite, node)] as const)));
}

async function identityOf(suite: Suite, node: TestNode): Promise<Identity> {
	const seen = await ask(suite, node, {
		status: ["cat", "/run/clusteros/status.json"],
		digests: ["sha256sum", ...KEYS],
		modes: ["stat", "-c", FACTS, ...KEYS],
	});
	const lines = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, what, path]) => [path!, what!] as const);
	return {
		id: /"node":\s*"([0-9a-f]+)"/.exec(seen.status.text)?.[1] ?? "",
		digests: new Map(lines(seen.digests.text, /^([0-9a-f]{64}) [ *](\/\S+)$/gm)),
		modes: new Map(lines(seen.modes.text, /^(\d+ \S+) (\/\S+)$/gm)),
	};
}

function aboutKeys(suite: Suite, node: TestNode, all: Identities): readonly Complaint[] {
	const own = all.get(node.name)!;
	const same = suite.nodes.filter(({ name }) => name !== node.name && all.get(name)!.id === own.id);
	const ids = expectThat(own.id !== "" && same.length === 0, {
		node: node.name,
		expected: "a node id that no other node has",
		seen: own.id === "" ? "no node id" : `${own.id}, as ${same.map(({ name }) => name).join(" ")}`,
		command: shownBy(suite, node, ["clusteros-agent", "status"]),
	});
	const keys = KEYS.flatMap((path) => aboutKey(suite, node, path, all));
	return [...ids, ...keys];
}

function aboutKey(suite: Suite, node: TestNode, path: string, all: Identities): readonly Complaint[] {
	const { digests, modes } = all.get(node.name)!;
	const mine = digests.get(path);
	const shared = suite.nodes.filter(({ name }) => name !== node.name && all.get(name)!.digests.get(path) === mine);
	const complaint = { node: node.name, command: shownBy(suite, node, ["stat", path], "root") };
	return [
		...expectThat(modes.get(path) === "600 root", {
			...complaint,
			expected: `${path} is 600 root`,
			seen: modes.get(path) ?? "no such file",
		}),
		...expectThat(mine === undefined || shared.length === 0, {
			...complaint,
			expected: `${path} is this node's own`,
			seen: `the same as on ${shared.map(({ name }) => name).join(" ")}`,
		}),
	];
}

function aboutChange(suite: Suite, node: TestNode, before: Identities, after: Identities): readonly Complaint[] {
	const [old, now] = [before.get(node.name)!, after.get(node.name)!];
	const changed = KEYS.filter((path) => old.digests.get(path) !== now.digests.get(path));
	return expectThat(old.id === now.id && changed.length === 0, {
		node: node.name,
		expected: `node ${old.id} with its keys after a reboot`,
		seen: [`node ${now.id}`, ...changed.map((path) => `another ${path}`)].join(", "),
		command: shownBy(suite, node, ["sha256sum", ...KEYS], "root"),
	});
}
