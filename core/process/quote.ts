/** One word as a POSIX shell reads it back; only for showing, nothing here ever runs a shell. */
export function quote(word: string): string {
	return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
