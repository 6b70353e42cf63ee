// Before x509, which wants it there. Heavy, both: whoever needs an authority loads this file when it does.
import "reflect-metadata";
import { webcrypto } from "node:crypto";
// Not by import(): a CommonJS package has no names then, once esbuild has put it into a chunk.
import * as x509 from "@peculiar/x509";

/** A certificate authority as k3s keeps it. */
export interface Authority {
	/** PEM. */
	readonly cert: string;
	/** PKCS #8 in PEM. */
	readonly key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const YEARS = 10;
/** A node whose clock is behind the admin's must find it good already. */
const EARLIER = 24 * 60 * 60 * 1000;

/** A new authority for k3s' servers, like the one that k3s would make for itself (pkg/daemons/control/deps, v1.36). */
export async function newAuthority(now: Date): Promise<Authority> {
	const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
	const notBefore = new Date(now.getTime() - EARLIER);
	const notAfter = new Date(notBefore);
	notAfter.setUTCFullYear(notBefore.getUTCFullYear() + YEARS);
	const certificate = await x509.X509CertificateGenerator.createSelfSigned({
		name: `CN=k3s-server-ca@${Math.floor(now.getTime() / 1000)}`,
		notBefore,
		notAfter,
		signingAlgorithm: ALGORITHM,
		keys,
		extensions: [
			new x509.BasicConstraintsExtension(true, undefined, true),
			new x509.KeyUsagesExtension(
				x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign,
				true,
			),
			await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
		],
	});
	const key = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", keys.privateKey)).toString("base64");
	return { cert: `${certificate.toString("pem").trim()}\n`, key: pem("PRIVATE KEY", key) };
}

function pem(label: string, base64: string): string {
	return `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g)!.join("\n")}\n-----END ${label}-----\n`;
}
