/** k3s' settings that a slow machine needs, in flags of its parts. */
interface Patience {
	readonly kubelet: readonly string[];
	/** Of a server. */
	readonly controllerManager: readonly string[];
	readonly scheduler: readonly string[];
	readonly apiserver: readonly string[];
	readonly etcd: readonly string[];
	/** Of a server's unit, `NAME=value`: where k3s has no flag. */
	readonly environment: readonly string[];
}

/** etcd takes no election timeout above (v3.6). */
const MOST_ELECTION = 50_000;

/**
 * Everything that k3s waits for, in proportion: a cluster under software emulation comes up late instead of coming and going.
 * Upstream's values (Kubernetes v1.36, k3s' etcd and, where k3s itself elects, Wrangler v3.7, pkg/leader) times `slow`; nothing at
 * all where `slow` is 1, so that upstream's hold.
 */
export function k3sPatience(slow: number): Patience {
	if (slow <= 1) return { kubelet: [], controllerManager: [], scheduler: [], apiserver: [], etcd: [], environment: [] };
	const seconds = (metal: number) => `${Math.ceil(metal * slow)}s`;
	const election = Math.min(Math.ceil(5000 * slow), MOST_ELECTION);
	// With etcd alone there are others to lead: k3s leaves elections out otherwise.
	const own = { LEASE_DURATION: 45, RENEW_DEADLINE: 30, RETRY_PERIOD: 2 };
	const lease = [
		`leader-elect-lease-duration=${seconds(15)}`,
		`leader-elect-renew-deadline=${seconds(10)}`,
		`leader-elect-retry-period=${seconds(2)}`,
	];
	return {
		kubelet: [`runtime-request-timeout=${seconds(120)}`],
		controllerManager: [`node-monitor-grace-period=${seconds(50)}`, `node-monitor-period=${seconds(5)}`, ...lease],
		scheduler: lease,
		apiserver: [
			`default-not-ready-toleration-seconds=${Math.ceil(300 * slow)}`,
			`default-unreachable-toleration-seconds=${Math.ceil(300 * slow)}`,
		],
		etcd: [`heartbeat-interval=${Math.floor(election / 10)}`, `election-timeout=${election}`],
		environment: Object.entries(own).map(([name, metal]) => `CATTLE_ELECTION_${name}=${seconds(metal)}`),
	};
}
