import type { SecretsFile } from "../../core/contract/secrets.ts";
import type { SeedSecrets } from "../../core/contract/seed.ts";
import { serverNames } from "../../core/node/k3s-servers.ts";
import { longToken } from "../../core/node/k3s-token.ts";
import type { Described, DescribedNode } from "./types.ts";

type K3sSecrets = NonNullable<SecretsFile["k3s"]>;

/** Tokens and authority of a new cluster's k3s. Not derived from the master: k3s keeps its data encrypted with the server token. */
export async function newK3sSecrets(random: (bytes: number) => Uint8Array, now: Date): Promise<K3sSecrets> {
	const { newAuthority } = await import("./k3s-authority.ts");
	const { cert, key } = await newAuthority(now);
	const token = () => Buffer.from(random(32)).toString("hex");
	return { server_token: token(), agent_token: token(), ca_cert: cert, ca_key: key };
}

/** What the seed of these nodes holds of them: all, with a server among them, else what an agent shows to its server. */
export function k3sSeedOf(
	{ controllers, manifests }: Pick<Described, "controllers" | "manifests">,
	{ server_token, agent_token, ca_cert, ca_key }: K3sSecrets,
	nodes: readonly Pick<DescribedNode, "name">[],
): NonNullable<SeedSecrets["k3s"]> {
	const servers = serverNames(controllers);
	if (!nodes.some(({ name }) => servers.includes(name))) return { server: false, token: longToken("node", agent_token, ca_cert) };
	const token = longToken("server", server_token, ca_cert);
	return { server: true, token, agent_token, ca_cert, ca_key, ...(manifests.length === 0 ? {} : { manifests: [...manifests] }) };
}
