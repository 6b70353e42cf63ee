import type { SeedNode, SeedSecrets } from "../core/contract/seed.ts";
import { parseNetwork } from "../core/node/addresses.ts";
import { hostsFile } from "../core/node/files/hosts.ts";
import { selfMember, viewOf } from "../core/node/members.ts";
import { openOrder } from "../core/node/orders.ts";
import type { Member } from "../core/node/types.ts";
import { Announcer } from "./announcer.ts";
import type { Context } from "./context.ts";
import { loadCounters, saveCounters } from "./counters.ts";
import { machineFacts } from "./facts.ts";
import type { Identity } from "./identity.ts";
import { rememberOrder } from "./k3s/dismissals.ts";
import { tendK3s } from "./k3s/watch.ts";
import { Mesh } from "./mesh/mesh.ts";
import type { WireguardKey } from "./mesh/wireguard-key.ts";
import { keepNodeFile } from "./node-file.ts";
import { type Generations, generations, keysOf, loadGenerations, saveGenerations } from "./seed/keys.ts";
import type { Seed } from "./seed/read-seed.ts";
import { RPC_PORT, serfName } from "./serf/config.ts";
import { Gossip } from "./serf/gossip.ts";
import { keepSerf, serfRpcKey } from "./serf/service.ts";
import { SerialWork } from "./serial-work.ts";
import type { Refusal } from "./trust/judge.ts";
import { ORDER, OrderBook } from "./trust/order-book.ts";
import { REFUSED, Refusals } from "./trust/refusals.ts";
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
	/** Says something in the journal and on the console. */
	readonly say: (level: "info" | "warning", msg: string) => void;
	readonly rpcPort?: number | undefined;
}

/** A node that has its seed: gossip, trust and mesh, which live on while states come and go. */
export class Joined {
	readonly ctx: Context;
	readonly gossip: Gossip;
	readonly roster: Roster;
	readonly mesh: Mesh;
	readonly orders: OrderBook;
	readonly refusals = new Refusals();
	/** Address on the LAN, once there is one. */
	lan: string | undefined;
	/** wg0 was made: peers that come from now on are put into it at once. */
	meshed = false;
	readonly #options: JoinedOptions;
	readonly #announcer: Announcer;
	readonly #tending = new SerialWork(() => tendK3s(this.ctx));
	readonly #keeping = new SerialWork(() => this.#keepNow());
	#secrets: SeedSecrets;
	#inUse: Generations;
	/** Of mesh addresses that an unknown machine has tried. */
	#attempt: number;

	constructor(options: JoinedOptions) {
		const { world, seed, identity, boot, wireguard, rpcPort = RPC_PORT } = options;
		this.#options = options;
		this.#secrets = seed.secrets;
		this.#inUse = generations(seed.secrets, loadGenerations(world));
		this.#attempt = loadCounters(world).attempt;
		const announceKeys = () => keysOf(this.#secrets, this.#inUse, "announce");
		const self = () => ({ ...this.self, id: identity.id });
		this.roster = new Roster({ world, cluster: seed.cluster, self, announceKeys });
		const announceKey = () => announceKeys()[0];
		this.#announcer = new Announcer({ world, boot, identity, wg: wireguard.public, self: () => this.self, announceKey });
		this.orders = new OrderBook(world);
		this.mesh = new Mesh(world, () => this.#interface(), this.roster.peers);
		this.ctx = this.#context();
		this.gossip = new Gossip({
			port: rpcPort,
			authKey: () => serfRpcKey(world),
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

	/** This machine in the description; undefined for an unknown one. */
	get entry(): SeedNode | undefined {
		return this.#options.entry;
	}

	/** Generation in use by purpose. */
	get inUse(): Generations {
		return this.#inUse;
	}

	/** Has Serf run on this address and say who this node is. */
	async serveGossip(lan: string): Promise<void> {
		const { world, seed, identity, rpcPort = RPC_PORT } = this.#options;
		this.lan = lan;
		const { name: cluster, meet, slow } = seed.cluster;
		const tags = this.#announcer.tags(this.#endpoint);
		const config = { node: serfName(this.self.name, identity.id), lan, meet, cluster, tags, slow };
		const keys = keysOf(this.#secrets, this.#inUse, "serf").map(({ key }) => key);
		const restarted = await keepSerf(world, { config, keys, rpcPort }, this.gossip.rpc !== undefined);
		if (restarted) this.gossip.drop();
		this.gossip.start();
	}

	/** Has gossip say what holds now. */
	async announce(): Promise<void> {
		const { rpc, members } = this.gossip;
		const { k } = this.#announcer.tags(this.#endpoint);
		const own = members.find(({ tags }) => tags.k === k)?.tags ?? {};
		if (rpc !== undefined) await this.#announcer.say(rpc, this.#endpoint, own);
	}

	/** Brings mesh and names to the members. */
	keep(): Promise<void> {
		return this.#keeping.run();
	}

	/** Has the Kubernetes API asked and told what there is, in its own time: one that hangs must not keep the node from its work. */
	tendK3s(): void {
		this.#tending.run().catch((error: Error) => this.#options.say("warning", `Kubernetes was not asked: ${error.message}`));
	}

	/** The wall clock was put back: peers would refuse our handshakes, which must grow in time, until they meet us anew. */
	async clockWentBack(): Promise<void> {
		this.#announcer.countClockStep();
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
		const id = op === "forget" ? this.roster.trust.pins[name]?.id : this.roster.waitingId(name);
		const text = this.orders.seal({ op, name, ...(id === undefined ? {} : { id }) }, identity.key, world.now());
		this.#hear(ORDER, text);
		await this.gossip.rpc?.userEvent(ORDER, text);
	}

	/** Tells those who are refused why, again. */
	async repeatRefusals(): Promise<void> {
		this.refusals.forgetTold();
		if (this.isController) await this.refusals.tell(this.roster.refused, this.self.name, this.gossip.rpc);
	}

	/** Tells all orders again: a node that has just come may have missed them. */
	async repeatOrders(): Promise<void> {
		for (const text of this.orders.texts) await this.gossip.rpc?.userEvent(ORDER, text);
	}

	get #endpoint(): string {
		return `${this.lan}:${this.#options.seed.cluster.mesh.port}`;
	}

	#context(): Context {
		const { world, identity, seed } = this.#options;
		const facts = machineFacts(world);
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
			view: () => viewOf(seed.cluster, this.self, this.roster.peers, facts),
		};
	}

	#interface() {
		const { seed, wireguard } = this.#options;
		const { network, port } = seed.cluster.mesh;
		return { secret: wireguard.secret, port, address: `${this.self.mesh}/${parseNetwork(network).prefix}` };
	}

	#gossipChanged(): void {
		if (this.gossip.rpc !== undefined) this.#act(this.roster.update(this.gossip.members));
		this.#options.wake();
	}

	/** What follows from what gossip told. */
	#act(refusals: readonly Refusal[]): void {
		const { say } = this.#options;
		for (const { name, id, reason } of refusals) say("warning", `refused ${name} (${id}): ${reason}`);
		if (this.isController) void this.refusals.tell(this.roster.refused, this.self.name, this.gossip.rpc);
		if (this.roster.addressLost && this.entry === undefined) this.#moveAddress();
		if (!this.meshed) return;
		this.keep().catch((error: Error) => say("warning", `mesh or names could not be kept: ${error.message}`));
	}

	/** An unknown machine that lost a clash takes the next address of its own. */
	#moveAddress(): void {
		const { world, say } = this.#options;
		this.#attempt++;
		saveCounters(world, { ...loadCounters(world), attempt: this.#attempt });
		this.roster.update(this.gossip.members);
		say("warning", `another node has the mesh address of this one, which takes ${this.self.mesh} instead`);
		this.announce().catch((error: Error) => say("warning", `not announced: ${error.message}`));
	}

	#hear(name: string, payload: string): void {
		if (name === ORDER) this.#hearOrder(payload);
		if (name === REFUSED && this.refusals.hear(payload, this.#options.identity.id)) this.#options.wake();
	}

	#hearOrder(text: string): void {
		const { say } = this.#options;
		const opened = openOrder(text, this.ctx.cluster.controllers);
		if (!opened.ok) {
			say("warning", `an order was not obeyed: ${opened.reason}`);
			return;
		}
		const { order, by } = opened;
		if (this.isController) this.orders.keep(text, order, by);
		if (!this.roster.obey(order, by)) return;
		rememberOrder(this.ctx, order);
		this.tendK3s();
		say("info", `${by} orders: ${order.op} ${order.name}${order.id ? ` (${order.id})` : ""}`);
		this.refusals.reason = undefined;
		this.#gossipChanged();
	}

	async #keepNow(): Promise<void> {
		await this.mesh.sync(this.roster.peers);
		keepNodeFile(this.#options.world, hostsFile(this.ctx.view()));
	}
}
