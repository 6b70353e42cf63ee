/** Serf's files (pure). */

/** What Serf's configuration depends on. */
export interface SerfConfig {
	/** How much slower the nodes are than metal. */
	readonly slow: number;
	/** Serf's name of the node: unique also where two nodes claim one name. */
	readonly node: string;
	/** Address on the LAN. */
	readonly lan: string;
	readonly rpcKey: string;
	/** ADDRESS or ADDRESS:PORT of others; without any, nodes are looked for by mDNS. */
	readonly meet: readonly string[];
	/** Name of the cluster, for mDNS. */
	readonly cluster: string;
	/** What the node says of itself from its first packet on. */
	readonly tags: Readonly<Record<string, string>>;
}

export const SERF_PORT = 7946;
export const RPC_PORT = 7373;
/** Serf tries to meet others every 2 s until one answers. */
const RETRY_INTERVAL = "2s";

/** From here on a LAN's timeouts (memberlist 0.5: 0.5 s for an answer, asked every second) do not fit; a WAN's are 3 s and 5 s. */
const SLOW = 2;

/** Two nodes of one name must not fight over it in gossip itself: who is refused is decided by keys. */
export function serfName(name: string, id: string): string {
	return `${name}.${id.slice(0, 8)}`;
}

/** `/etc/clusteros/serf.json`. Never `interface` together with `discover`: Serf 0.10 panics. */
export function serfJson(config: SerfConfig, keyring: string, rpcPort = RPC_PORT): string {
	const { node, lan, rpcKey, meet, cluster, tags, slow } = config;
	const others = meet.filter((address) => address !== lan && address !== `${lan}:${SERF_PORT}`);
	const seek = others.length > 0 ? { retry_join: others, retry_interval: RETRY_INTERVAL } : {};
	const json = {
		node_name: node,
		bind: `${lan}:${SERF_PORT}`,
		rpc_addr: `127.0.0.1:${rpcPort}`,
		rpc_auth: rpcKey,
		keyring_file: keyring,
		...seek,
		...(meet.length === 0 ? { discover: cluster } : {}),
		// Emulated nodes that are busy take longer than a LAN's half second to answer: they would be called dead, and alive again.
		...(slow > SLOW ? { profile: "wan" } : {}),
		// Lost for minutes is not gone: a node that comes back is looked for again every few seconds.
		reconnect_interval: "5s",
		reconnect_timeout: "168h",
		log_level: "INFO",
		tags,
	};
	return `${JSON.stringify(json, null, "\t")}\n`;
}

/** The keyring: the first key encrypts, all decrypt. */
export function keyringJson(keys: readonly Uint8Array[]): string {
	return `${JSON.stringify(keys.map((key) => Buffer.from(key).toString("base64")))}\n`;
}

/** What a Serf that runs has to be restarted for: all but the tags, which change while it runs. */
export function withoutTags(text: string): string {
	return JSON.stringify({ ...JSON.parse(text), tags: {} });
}

/** The key for RPC in a configuration that is there. */
export function rpcKeyOf(text: string | undefined): string | undefined {
	try {
		const key: unknown = JSON.parse(text ?? "{}").rpc_auth;
		return typeof key === "string" && key.length >= 32 ? key : undefined;
	} catch {
		return undefined;
	}
}
