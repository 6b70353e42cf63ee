/** ssh keys as text: RFC 4253's length-prefixed fields, and OpenSSH's own format of private keys (PROTOCOL.key). Pure. */

const TYPES =
	/^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(256|384|521)|sk-ssh-ed25519@openssh\.com|sk-ecdsa-sha2-nistp256@openssh\.com)$/;
/** Options as in `from="10.0.0.0/8",no-pty`, then type, key and comment. */
const LINE = /^(?:((?:[^\s"]|"[^"]*")+)\s+)?([a-z][\w@.-]*)\s+([A-Za-z0-9+/]+={0,3})(?:\s.*)?$/;
const PRIVATE = /^-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+)-----END OPENSSH PRIVATE KEY-----\s*$/;
const MAGIC = "openssh-key-v1\0";

/** What is wrong with a line of authorized_keys; undefined when it is a whole key. */
export function publicKeyProblem(line: string): string | undefined {
	if (/[\n\r]/.test(line)) return "an ssh key is one line";
	if (line.includes("PRIVATE KEY")) return "this is a private key: it belongs nowhere but in its owner's ~/.ssh";
	const [, , type, base64] = LINE.exec(line.trim()) ?? [];
	if (type === undefined || !TYPES.test(type))
		return "this is no ssh public key: its line has a type, such as ssh-ed25519, and the key";
	const fields = readFields(Buffer.from(base64!, "base64"));
	if (fields === undefined) return "this ssh key is damaged: a part of it is missing";
	return fields[0]?.toString() === type ? undefined : `this ssh key is not of the type ${type} that stands before it`;
}

/** The public half of an OpenSSH private key as a line of authorized_keys; undefined when the text is no such key. */
export function publicHalfOf(privateKey: string, comment: string): string | undefined {
	const bytes = Buffer.from(PRIVATE.exec(privateKey.trim())?.[1] ?? "", "base64");
	if (bytes.subarray(0, MAGIC.length).toString("latin1") !== MAGIC) return undefined;
	// Cipher, its derivation and that one's options come first; then how many keys there are, and the public ones.
	const head = takeFields(bytes.subarray(MAGIC.length), 3);
	const key = head && takeFields(head.rest.subarray(4), 1)?.fields[0];
	const type = key && takeFields(key, 1)?.fields[0];
	return type === undefined ? undefined : `${type.toString()} ${key!.toString("base64")} ${comment}`;
}

/** All fields; undefined when the bytes end in the middle of one. */
function readFields(bytes: Buffer): Buffer[] | undefined {
	const fields: Buffer[] = [];
	let rest = bytes;
	while (rest.length > 0) {
		const taken = takeFields(rest, 1);
		if (taken === undefined) return undefined;
		fields.push(...taken.fields);
		rest = taken.rest;
	}
	return fields.length > 1 ? fields : undefined;
}

function takeFields(bytes: Buffer, count: number): { readonly fields: Buffer[]; readonly rest: Buffer } | undefined {
	const fields: Buffer[] = [];
	let at = 0;
	for (let n = 0; n < count; n++) {
		if (bytes.length < at + 4) return undefined;
		const end = at + 4 + bytes.readUInt32BE(at);
		if (bytes.length < end) return undefined;
		fields.push(bytes.subarray(at + 4, end));
		at = end;
	}
	return { fields, rest: bytes.subarray(at) };
}
