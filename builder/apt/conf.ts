/** apt's configuration file: `Name "value";` a line; a name that ends in `::` appends to a list. */
export function aptConf(options: Readonly<Record<string, string>>): string {
	return Object.entries(options)
		.map(([name, value]) => `${name} "${value.replaceAll('"', "%22")}";\n`)
		.join("");
}
