/** SLURM's last words, in at most two lines: `fatal:` often does not know why. */
export function complaints(journal: string): string | undefined {
	const lines = journal.split("\n").slice(-21);
	const complaining = lines.filter((line) => /\b(fatal|error): /i.test(line));
	const words = new Set(complaining.map((line) => line.replace(/^.*?\b(fatal|error): /i, "")));
	return words.size === 0 ? undefined : [...words].slice(-2).join("; ");
}
