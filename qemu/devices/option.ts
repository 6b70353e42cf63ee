/** A value inside one of QEMU's comma lists: a comma in it is written twice. */
export function optionValue(value: string): string {
	return value.replaceAll(",", ",,");
}

/** `{a: "x", b: undefined, c: 1}` as `a=x,c=1`, in the order given. */
export function optionList(options: Readonly<Record<string, string | number | undefined>>): string {
	return Object.entries(options)
		.filter((entry): entry is [string, string | number] => entry[1] !== undefined)
		.map(([key, value]) => `${key}=${optionValue(String(value))}`)
		.join(",");
}
