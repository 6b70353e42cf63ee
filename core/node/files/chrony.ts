import type { NodeFile, NodeView } from "../types.ts";
import { asFile, notice } from "./notice.ts";

/**
 * Whom this node's clock follows; takes the place of the image's file of that name, which follows the distribution's servers.
 * Controllers follow `ntp`, or the image's own sources when it is empty, and without any of them themselves: a cluster on an
 * island needs one time, right or not. All others follow the controllers, and step whenever they are off by more than a second:
 * munge and WireGuard mind a wrong clock more than a jump.
 */
export function chronyFile(view: NodeView): NodeFile {
	const lines = view.self.roles.includes("controller") ? controllerLines(view) : workerLines(view);
	return { path: CHRONY_FILE, content: asFile([notice("ntp"), ...lines]), mode: 0o644 };
}

export const CHRONY_FILE = "/etc/chrony/conf.d/50-clusteros.conf";

function controllerLines({ cluster, self }: NodeView): string[] {
	const { ntp, mesh, controllers } = cluster;
	const upstream = ntp.length > 0 ? ntp.map((server) => `server ${server} iburst`) : ["sourcedir /etc/chrony/sources.d"];
	// Controllers hear each other as well, so that on an island they agree; `orphan` makes exactly one of them the reference.
	const others = controllersOf(cluster).filter(({ name }) => name !== self.name);
	const island = controllers.length > 1 ? "local stratum 10 orphan" : "local stratum 10";
	return [
		...upstream,
		...others.map(({ mesh: address }) => `peer ${address} iburst`),
		island,
		`allow ${mesh.network}`,
		"makestep 1 3",
	];
}

function workerLines({ cluster }: NodeView): string[] {
	// By default chrony asks as seldom as every 17 minutes, and a controller's clock may be set by hand at any time.
	return [...controllersOf(cluster).map(({ mesh }) => `server ${mesh} iburst maxpoll 6`), "makestep 1 -1"];
}

/** The seed's controllers, not those that announce themselves: whom a clock believes must not depend on gossip. */
function controllersOf({ controllers, nodes }: NodeView["cluster"]) {
	return nodes.filter(({ name }) => controllers.some((controller) => controller.name === name));
}
