import { createHash } from "node:crypto";

/** One part of user-data that has several. */
export interface MimePart {
	readonly type: string;
	readonly text: string;
	/** Further headers; plain ASCII. */
	readonly headers?: Readonly<Record<string, string>>;
}

/** Several parts as one MIME message, as cloud-init takes them (RFC 2046). Base64: no part can end its own, whatever it holds. */
export function multipart(parts: readonly MimePart[]): string {
	const digest = createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 24);
	// Base64 has no dashes, so that this cannot stand in a part.
	const boundary = `==clusteros-${digest}==`;
	const head = [`Content-Type: multipart/mixed; boundary="${boundary}"`, "MIME-Version: 1.0", ""];
	return [...head, ...parts.flatMap((part) => [`--${boundary}`, ...partLines(part), ""]), `--${boundary}--`, ""].join("\n");
}

function partLines({ type, text, headers = {} }: MimePart): string[] {
	const all = {
		"Content-Type": `${type}; charset="utf-8"`,
		"MIME-Version": "1.0",
		"Content-Transfer-Encoding": "base64",
		...headers,
	};
	const lines =
		Buffer.from(text)
			.toString("base64")
			.match(/.{1,76}/g) ?? [];
	return [...Object.entries(all).map(([name, value]) => `${name}: ${value}`), "", ...lines];
}
