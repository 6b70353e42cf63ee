import { load } from "js-yaml";
import * as z from "zod";
import { ToolError, UserError } from "../../core/errors.ts";
import { ADMIN_KUBECONFIG } from "../../core/node/k3s-paths.ts";
import { API_PORT } from "../../core/node/k3s-servers.ts";
import { quote } from "../../core/process/quote.ts";
import type { Reached, ReachedNode } from "../reach/types.ts";

/** Seconds on metal until a file has been read. */
const PATIENCE = 15;

/** How kubectl gets into a cluster; certificates and key are base64 of PEM. */
export interface Access {
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
	/** Where k3s' API is, seen from this machine. */
	readonly server: string;
	/** The name for which its certificate is good, where that is not the address. */
	readonly serverName?: string | undefined;
}

export interface AccessOptions {
	/** Another way to the API than the one that the cluster's folder tells, such as a tunnel. */
	readonly server?: string | undefined;
	readonly signal?: AbortSignal | undefined;
}

/** As much of a kubeconfig as is looked at. */
const k3sYaml = z.object({
	clusters: z.array(z.object({ cluster: z.object({ "certificate-authority-data": z.base64() }) })).min(1),
	users: z.array(z.object({ user: z.object({ "client-certificate-data": z.base64(), "client-key-data": z.base64() }) })).min(1),
});

/**
 * Asks the first controller for the administrator's access to k3s. @throws UserError when there is none yet or no way to the API;
 * Unreachable; Interrupted.
 */
export async function readAccess(reached: Reached, options: AccessOptions): Promise<Access> {
	const name = reached.described.controllers[0]!;
	const node = reached.nodes.find((each) => each.name === name)!;
	const way = options.server === undefined ? wayToApi(reached, node) : { server: options.server, serverName: name };
	const timeout = PATIENCE * 1000 * reached.slow;
	try {
		const { stdout } = await reached.link(name).run(["cat", ADMIN_KUBECONFIG], { as: "root", timeout, signal: options.signal });
		return { ...credentialsIn(stdout, name), ...way };
	} catch (error) {
		if (error instanceof ToolError && error.failure.exitCode === 1) throw noAccess(reached, name);
		throw error;
	}
}

function noAccess({ dir }: Reached, name: string): UserError {
	const message = `${name} has no ${ADMIN_KUBECONFIG}: k3s' server has not run there yet, or its image has no k3s`;
	return new UserError("failed", { message, fix: `see what it waits for: clusteros status ${quote(dir)}` });
}

function credentialsIn(text: string, name: string): Pick<Access, "ca" | "cert" | "key"> {
	const found = k3sYaml.safeParse(parsed(text)).data;
	const [cluster, user] = [found?.clusters[0]?.cluster, found?.users[0]?.user];
	if (!cluster || !user)
		throw new UserError("failed", { message: `${name}'s ${ADMIN_KUBECONFIG} is not a kubeconfig that this version reads` });
	return {
		ca: cluster["certificate-authority-data"],
		cert: user["client-certificate-data"],
		key: user["client-key-data"],
	};
}

function parsed(text: string): unknown {
	try {
		return load(text);
	} catch {
		return undefined;
	}
}

/** A machine's port is forwarded to loopback, for which k3s' certificate is always good; on metal it is good for the node's name. */
function wayToApi(reached: Reached, { name, machine }: ReachedNode): Pick<Access, "server" | "serverName"> {
	const { reach } = reached.described.nodes.find((each) => each.name === name)!;
	if (reach?.via === "ssh") return { server: `https://${inUrl(reach.host)}:${API_PORT}`, serverName: name };
	const port = machine?.api ?? machine?.publish?.find(({ guest }) => guest === API_PORT)?.host;
	if (port !== undefined) return { server: `https://127.0.0.1:${port}` };
	const message = `no port of this machine leads to k3s' API on ${name}`;
	const fix = `clusteros up ${quote(reached.dir)} --publish ${API_PORT}:${name}:${API_PORT}, or name another way with --server`;
	throw new UserError("failed", { message, fix });
}

/** IPv6 addresses stand in brackets. */
function inUrl(host: string): string {
	return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}
