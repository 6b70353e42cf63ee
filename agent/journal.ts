/** Syslog levels, as journald reads them from a line's `<level>` prefix (sd-daemon(3)). */
const LEVELS = { error: 3, warning: 4, info: 6 } as const;

export type Level = keyof typeof LEVELS;

/** One record as one line of `key=value`; a value with spaces or quotes is written as a JSON string. */
export function record(level: Level, fields: Readonly<Record<string, string | undefined>>): string {
	const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined);
	return `<${LEVELS[level]}>${given.map(([key, value]) => `${key}=${plain(value)}`).join(" ")}`;
}

function plain(value: string): string {
	return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}
