/** Where the agent's files lie on a node; {@link World.root} goes before each. */
export const IDENTITY_KEY = "/var/lib/clusteros/identity.key";
export const WIREGUARD_KEY = "/var/lib/clusteros/wireguard.key";
/** Id of the cluster that this node joined first: seeds of others are ignored. */
export const CLUSTER_ID = "/var/lib/clusteros/cluster-id";
/** The seed that was applied last, for when the one in /etc/clusteros is gone, spoilt or another cluster's. */
export const KEPT_SEED = "/var/lib/clusteros/seed";
/** Generation in use by purpose. */
export const GENERATIONS = "/var/lib/clusteros/generation.json";
export const PINS = "/var/lib/clusteros/pins.json";
export const ORDERS = "/var/lib/clusteros/orders.json";
/** Believed nodes as they were heard last: a node that starts meets them without waiting for gossip. */
export const PEERS = "/var/lib/clusteros/peers.json";
/** Number of the last announcement, and how often an unknown machine had to take another mesh address. */
export const COUNTERS = "/var/lib/clusteros/counters.json";
/** Name of the seed that has reached the disk, by cloud-init's instance. */
export const SETTLED = "/var/lib/clusteros/settled";
/** Digest of the secrets that have been taken off the seed's volume. */
export const SCRUBBED = "/var/lib/clusteros/scrubbed";

export const SEED = "/etc/clusteros";
export const SERF_JSON = "/etc/clusteros/serf.json";
export const SERF_KEYRING = "/etc/clusteros/serf.keyring";

export const RUN = "/run/clusteros";
export const STATUS_FILE = "/run/clusteros/status.json";
export const CONTROL_SOCKET = "/run/clusteros/agent.sock";
export const WIREGUARD_CONF = "/run/clusteros/wg0.conf";
/** The console has been told ssh's host key since boot. */
export const HOST_KEY_SAID = "/run/clusteros/host-key-said";

export const CONSOLE = "/dev/console";
export const HOST_NAME = "/proc/sys/kernel/hostname";
export const HOST_NAME_FILE = "/etc/hostname";
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";
export const SERIAL_NUMBER = "/sys/class/dmi/id/product_serial";
export const NETWORK_CLASS = "/sys/class/net";
export const SSH_HOST_KEY = "/etc/ssh/ssh_host_ed25519_key.pub";
