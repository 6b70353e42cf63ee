import type { SeedNode, SeedSecrets } from "../core/contract/seed.ts";
import { parseNetwork } from "../core/node/addresses.ts";
import { hostsFile } from "../core/node/files/hosts.ts";
import { selfMember, viewOf } from "../core/node/members.ts";
import { openOrder } from "../core/node/orders.ts";
import type { Member } from "../core/node/types.ts";
import { announcementTags, loadCounters, saveCounters } from "./announcer.ts";
import { applyOnce } from "./applied.ts";
import { writeConsole } from "./console.ts";
import type { Context } from "./context.ts";
import { keepFile, readText } from "./files.ts";
import type { Identity } from "./identity.ts";
import { record } from "./journal.ts";
import { Mesh } from "./mesh/mesh.ts";
import type { WireguardKey } from "./mesh/wireguard-key.ts";
import { keepNodeFile } from "./node-file.ts";
import { SERF_JSON, SERF_KEYRING } from "./paths.ts";
import { type Generations, generations, keysOf, loadGenerations, saveGenerations } from "./seed/keys.ts";
import type { Seed } from "./seed/read-seed.ts";
import { keyringJson, RPC_PORT, rpcKeyOf, serfJson, serfName, withoutTags } from "./serf/config.ts";
import { Gossip } from "./serf/gossip.ts";
import { systemctl } from "./systemctl.ts";
import type { Refusal } from "./trust/judge.ts";
import { OrderBook } from "./trust/order-book.ts";
import { Roster } from "./trust/roster.ts";
import type { World } from "./world.ts";

export interface JoinedOptions {
	readonly world: World;
	readonly boot: string;
	readonly seed: Seed;
	/** This node's entry in the description; undefined for an unknown machine. */
	readonly entry: SeedNode | undefined;
	readonly identity: Identity;
	readonly wireguard: WireguardKey;
	/** Something happened that a state may wait for. */
	readonly wake: () => void;
	readonly rpcPort?: number | undefined;
}

const SERF_UNIT = "clusteros-serf.service";
const ORDER = "clusteros-order";
const REFUSED = "clusteros-refused";

/** A node that has its seed: gossip, trust and mesh, which live on while states come and go. */
export class Joined {
	readonly ctx: Context;
	readonly gossip: Gossip;
	readonly roster: Roster;
	readonly mesh: Mesh;
	readonly orders: OrderBook;
	/** Address on the LAN, once there is one. */
	lan: string | undefined;
	/** wg0 was made: peers that come from now on are put into it at once. */
	meshed = false;
	/** What a controller said why it does not let this node in. */
	refusedBy: string | undefined;
	readonly #options: JoinedOptions;
	#secrets: SeedSecrets;
	#inUse: Generations;
	#tags: Record<string, string> = {};
	#said = "";
	#steps = 0;
	#attempt: number;
	#told = new Set<string>();
	#running: Promise<void> = Promise.resolve();
	#queued: Promise<void> | undefined;

	constructor(options: JoinedOptions) {
		const { world, seed, identity } = options;
		this.#options = options;
		this.#secrets = seed.secrets;
		this.#attempt = loadCounters(world).attempt;
		this.#inUse = generations(seed.secrets, loadGenerations(world));
		const self = () => ({ ...this.self, id: identity.id });
		const announceKeys = () => keysOf(this.#secrets, this.#inUse, "announce");
		this.roster = new Roster({ world, cluster: seed.cluster, self, announceKeys });
		this.orders = new OrderBook(world);
		this.ctx = this.#context();
		this.mesh = new Mesh(world, () => this.#interface(), this.roster.peers);
		this.gossip = new Gossip({
			port: options.rpcPort ?? RPC_PORT,
			authKey: () => rpcKeyOf(readText(world, SERF_JSON)),
			onChange: () => this.#gossipChanged(),
			onUser: (name, payload) => this.#hear(name, payload),
		});
	}

	/** This node as others see it. */
	get self(): Member {
		const { entry, identity, seed } = this.#options;
		return selfMember(entry, identity.id, seed.cluster.mesh.network, this.#attempt);
	}

	get isController(): boolean {
		return this.self.roles.includes("controller");
	}

	/** The description names this machine. */
	get isKnown(): boolean {
		return this.#options.entry !== undefined;
	}

	get macOfEntry(): string | undefined {
		return this.#options.entry?.mac;
	}

	/** Generation in use by purpose. */
	get inUse(): Generations {
		return this.#inUse;
	}

	/** Writes Serf's files and has it run with them; a running one is restarted only where it must be. */
	async serveGossip(lan: string): Promise<void> {
		const { world, seed, identity } = this.#options;
		this.lan = lan;
		this.#prepareTags();
		const rpcKey = rpcKeyOf(readText(world, SERF_JSON)) ?? Buffer.from(world.random(24)).toString("hex");
		const keyring = keyringJson(keysOf(this.#secrets, this.#inUse, "serf").map(({ key }) => key));
		const { name: cluster, meet } = seed.cluster;
		const config = { node: serfName(this.self.name, identity.id), lan, rpcKey, meet, cluster, tags: this.#tags };
		const text = serfJson(config, world.root + SERF_KEYRING, this.#options.rpcPort);
		keepFile(world, { path: SERF_KEYRING, content: keyring, mode: 0o600 });
		keepFile(world, { path: SERF_JSON, content: text, mode: 0o600 });
		const slow = seed.cluster.slow;
		const restarted = await applyOnce(world, SERF_UNIT, [keyring, withoutTags(text)], () =>
			systemctl(world, "restart", [SERF_UNIT], slow),
		);
		if (restarted) this.gossip.drop();
		else if (this.gossip.rpc === undefined) await systemctl(world, "start", [SERF_UNIT], slow);
		this.gossip.start();
	}

	/** Has gossip say what holds now. */
	async announce(): Promise<void> {
		this.#prepareTags();
		const { rpc, members } = this.gossip;
		const own = members.find(({ tags }) => tags.k === this.#tags.k)?.tags ?? {};
		if (rpc === undefined || same(own, this.#tags)) return;
		const old = Object.keys(own).filter((tag) => !Object.hasOwn(this.#tags, tag));
		await rpc.setTags(this.#tags, old);
	}

	/** Brings mesh and names to the members; runs after what is under way, once for all who ask meanwhile. */
	keep(): Promise<void> {
		this.#queued ??= this.#running
			.catch(() => {})
			.then(() => {
				this.#queued = undefined;
				return this.#keepNow();
			});
		this.#running = this.#queued;
		return this.#queued;
	}

	/** The wall clock was put back: peers would refuse our handshakes, which must grow in time, until they meet us anew. */
	async clockWentBack(): Promise<void> {
		this.#steps++;
		await this.announce();
		await this.mesh.meetAll(this.roster.peers);
	}

	/** Takes new secrets and generations; what follows from them is for the states to do. */
	take(secrets: SeedSecrets, inUse: Generations): void {
		saveGenerations(this.#options.world, inUse);
		this.#secrets = secrets;
		this.#inUse = generations(secrets, inUse);
		this.roster.reopen();
	}

	/** An order of this controller about a node: obeyed here at once, kept, and told to all. */
	async order(op: "readmit" | "forget" | "approve", name: string): Promise<void> {
		const { identity, world } = this.#options;
		const id = op === "forget" ? this.roster.trust.pins[name]?.id : this.#refusedId(name);
		const text = this.orders.seal({ op, name, ...(id === undefined ? {} : { id }) }, identity.key, world.now());
		this.#hear(ORDER, text);
		await this.gossip.rpc?.userEvent(ORDER, text);
	}

	/** Tells all orders again: a node that has just come may have missed them. */
	async repeatOrders(): Promise<void> {
		for (const text of this.orders.texts) await this.gossip.rpc?.userEvent(ORDER, text);
	}

	/** Ids that wait to be let in under a name; an order means this one when there is just one. */
	#refusedId(name: string): string | undefined {
		const ids = this.roster.refused.filter((one) => one.name === name && one.alive).map(({ id }) => id);
		return ids.length === 1 && ids[0] !== "unknown" ? ids[0] : undefined;
	}

	#context(): Context {
		const { world, identity, seed } = this.#options;
		const joined = this;
		return {
			world,
			identity,
			cluster: seed.cluster,
			secrets: () => this.#secrets,
			key: (purpose) => keysOf(this.#secrets, this.#inUse, purpose)[0],
			get self() {
				return joined.self;
			},
			peers: () => this.roster.peers,
			view: () => viewOf(seed.cluster, this.self, this.roster.peers),
		};
	}

	#interface() {
		const { seed, wireguard } = this.#options;
		const { network, port } = seed.cluster.mesh;
		return { secret: wireguard.secret, port, address: `${this.self.mesh}/${parseNetwork(network).prefix}` };
	}

	/** New tags, under a new number, when what they say has changed. */
	#prepareTags(): void {
		const { world, identity, wireguard, seed, boot } = this.#options;
		const [announceKey] = keysOf(this.#secrets, this.#inUse, "announce");
		if (announceKey === undefined) throw new Error("the seed has no announce key; make it again: clusteros seed");
		const endpoint = `${this.lan}:${seed.cluster.mesh.port}`;
		const up = `${boot.slice(0, 8)}.${this.#steps}`;
		const saying = JSON.stringify([this.self, endpoint, announceKey.generation, up]);
		if (saying === this.#said) return;
		const { id, key } = identity;
		this.#tags = announcementTags(world, { self: this.self, id, key, wg: wireguard.public, endpoint, announceKey, up });
		this.#said = saying;
	}

	#gossipChanged(): void {
		if (this.gossip.rpc !== undefined) this.#judge(this.roster.update(this.gossip.members));
		this.#options.wake();
	}

	#judge(refusals: readonly Refusal[]): void {
		for (const { name, id, reason } of refusals) this.#say("warning", `refused ${name} (${id}): ${reason}`);
		if (this.isController) void this.#tellRefused();
		if (this.roster.addressLost && !this.isKnown) this.#moveAddress();
		if (this.meshed) {
			this.keep().catch((error: Error) => this.#say("warning", `mesh or names could not be kept: ${error.message}`));
		}
	}

	/** So that a node says on its own console why it is left out. Whoever could forge this could as well cut it off. */
	async #tellRefused(): Promise<void> {
		for (const { id, reason, up, alive } of this.roster.refused) {
			const mark = `${id} ${up} ${reason}`;
			if (!alive || this.#told.has(mark)) continue;
			this.#told.add(mark);
			const payload = JSON.stringify({ by: this.self.name, id, reason });
			await this.gossip.rpc?.userEvent(REFUSED, payload).catch(() => this.#told.delete(mark));
		}
	}

	/** An unknown machine that lost a clash takes the next address of its own. */
	#moveAddress(): void {
		const { world } = this.#options;
		this.#attempt++;
		saveCounters(world, { ...loadCounters(world), attempt: this.#attempt });
		this.roster.update(this.gossip.members);
		this.#say("warning", `another node has the mesh address of this one, which takes ${this.self.mesh} instead`);
		this.announce().catch((error: Error) => this.#say("warning", `not announced: ${error.message}`));
	}

	#hear(name: string, payload: string): void {
		if (name === ORDER) this.#hearOrder(payload);
		if (name === REFUSED) this.#hearRefusal(payload);
	}

	#hearOrder(text: string): void {
		const opened = openOrder(text, this.ctx.cluster.controllers);
		if (!opened.ok) {
			this.#say("warning", `an order was not obeyed: ${opened.reason}`);
			return;
		}
		const { order, by } = opened;
		if (this.isController) this.orders.keep(text, order, by);
		if (!this.roster.obey(order, by)) return;
		this.#say("info", `${by} orders: ${order.op} ${order.name}${order.id ? ` (${order.id})` : ""}`);
		this.refusedBy = undefined;
		this.#gossipChanged();
	}

	#hearRefusal(payload: string): void {
		try {
			const { by, id, reason } = JSON.parse(payload) as Record<string, unknown>;
			if (id !== this.#options.identity.id) return;
			this.refusedBy = `${String(by)} refuses this node: ${String(reason)}`;
			this.#options.wake();
		} catch {
			// Only a word to people: what cannot be read is not missed.
		}
	}

	async #keepNow(): Promise<void> {
		await this.mesh.sync(this.roster.peers);
		keepNodeFile(this.#options.world, hostsFile(this.ctx.view()));
	}

	/** In the journal and, since nobody may be logged in, on the console. */
	#say(level: "info" | "warning", msg: string): void {
		const { world, identity } = this.#options;
		world.print(record(level, { node: identity.id, name: this.self.name, msg }));
		writeConsole(world, { name: this.self.name, state: "note", mesh: this.self.mesh, reason: msg });
	}
}

function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
	const keys = Object.keys(a);
	return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
