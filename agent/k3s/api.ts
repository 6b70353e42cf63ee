import { API_PORT } from "../../core/node/k3s-servers.ts";
import { readText } from "../files.ts";
import type { World } from "../world.ts";
import { https } from "./https.ts";
import { CA_CERT, KUBELET_CONFIG, TLS } from "./paths.ts";

/** Where the Kubernetes API is, and as whom to ask it; all of it PEM. */
export interface Access {
	/** `https://ADDRESS:PORT`. */
	readonly server: string;
	readonly ca: string;
	readonly cert: string;
	readonly key: string;
}

export interface Question {
	readonly method: "GET" | "DELETE";
	readonly path: string;
	/** Milliseconds. */
	readonly timeout: number;
}

export interface ApiAnswer {
	/** HTTP's. */
	readonly status: number;
	/** JSON, or the text where it is none. */
	readonly body: unknown;
}

/** Asks the API. @throws when nobody answers in time, or somebody who is not the cluster's. */
export type AskApi = (access: Access, question: Question) => Promise<ApiAnswer>;

/** As the kubelet of this node, which may look at its own Node; undefined before it has joined. k3s writes one value a line (v1.36). */
export function kubeletAccess(world: World): Access | undefined {
	const text = readText(world, KUBELET_CONFIG) ?? "";
	const value = (key: string) => new RegExp(`^\\s*${key}: *"?([^\\s"]+)"?$`, "m").exec(text)?.[1];
	const files = ["certificate-authority", "client-certificate", "client-key"].map(value);
	return access(world, value("server"), files);
}

/** As admin, on a server; undefined before its first start. */
export function adminAccess(world: World): Access | undefined {
	return access(world, `https://127.0.0.1:${API_PORT}`, [CA_CERT, `${TLS}/client-admin.crt`, `${TLS}/client-admin.key`]);
}

function access(world: World, server: string | undefined, files: readonly (string | undefined)[]): Access | undefined {
	const [ca, cert, key] = files.map((path) => path && readText(world, path));
	return server && ca && cert && key ? { server, ca, cert, key } : undefined;
}

/** Not kubectl: starting 265 MB of it costs seconds on a slow machine. */
export async function askApi({ server, ca, cert, key }: Access, { method, path, timeout }: Question): Promise<ApiAnswer> {
	const options = { method, ca, cert, key, timeout, headers: { accept: "application/json" } };
	const { status, text } = await https(new URL(path, server), options);
	return { status, body: parsed(text) };
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}
