import { macBytes } from "../../../qemu/switch/addresses.ts";

export const MAC = {
	a: "52:54:00:00:00:0a",
	b: "52:54:00:00:00:0b",
	c: "52:54:00:00:00:0c",
	all: "ff:ff:ff:ff:ff:ff",
} as const;

/** An Ethernet frame of an experimental type. */
export function frame(target: string, source: string, content = "x"): Buffer {
	return Buffer.concat([macBytes(target), macBytes(source), Buffer.from([0x88, 0xb5]), Buffer.from(content)]);
}

/** Bytes written as hex with any spacing. */
export function hex(text: string): Buffer {
	return Buffer.from(text.replaceAll(/\s/g, ""), "hex");
}
