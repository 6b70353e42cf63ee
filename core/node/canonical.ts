/** Canonical JSON: keys sorted, no spaces. Two equal values have one text, so that a signature of the text holds for the value. */
export function canonical(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
	if (typeof value !== "object" || value === null) return JSON.stringify(value);
	const entries = Object.entries(value).filter(([, one]) => one !== undefined);
	const sorted = entries.sort(([a], [b]) => (a < b ? -1 : 1));
	return `{${sorted.map(([key, one]) => `${JSON.stringify(key)}:${canonical(one)}`).join(",")}}`;
}

/** The object that a canonical text holds; undefined when it is none, or is written in any other way. */
export function readCanonical(text: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
		return isObject && canonical(value) === text ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
