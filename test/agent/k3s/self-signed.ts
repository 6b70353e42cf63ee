import { run } from "../../../core/process/run.ts";

/** A certificate for 127.0.0.1 that is its own authority, and its key. */
export async function selfSigned(name: string): Promise<{ cert: string; key: string }> {
	const argv = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
	const more = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "-", "-out", "-"];
	const { stdout } = await run([...argv, ...more] as [string, ...string[]], { doing: "making a certificate" });
	const block = (label: string) => new RegExp(`-----BEGIN ${label}-----[^]*?-----END ${label}-----\n?`).exec(stdout)![0];
	return { cert: block("CERTIFICATE"), key: block("PRIVATE KEY") };
}
