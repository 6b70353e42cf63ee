/** A MAC address as text: six lower-case hex bytes with colons. */
export type Mac = string;

/** The bytes of `52:54:00:00:00:01`. */
export function macBytes(mac: Mac): Uint8Array {
	return Uint8Array.from(mac.split(":"), (byte) => Number.parseInt(byte, 16));
}

export function formatMac(bytes: Uint8Array): Mac {
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** `192.168.77.1` as the number that its four bytes make. */
export function ipv4Number(address: string): number {
	return address.split(".").reduce((number, byte) => number * 256 + Number(byte), 0);
}

export function formatIpv4(number: number): string {
	return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
}

/** A network such as `192.168.77.0/24`, as numbers. */
export interface Network {
	readonly first: number;
	readonly mask: number;
}

export function parseNetwork(cidr: string): Network {
	const [address = "", length = ""] = cidr.split("/");
	const mask = (2 ** 32 - 2 ** (32 - Number(length))) >>> 0;
	return { first: (ipv4Number(address) & mask) >>> 0, mask };
}

export function isInside(address: number, { first, mask }: Network): boolean {
	return (address & mask) >>> 0 === first;
}
