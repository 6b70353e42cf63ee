/** How code inside the namespace speaks to the outside: log lines and progress. */
export interface Talk {
	log(line: string): void;
	progress(fraction: number | undefined, text?: string): void;
}

/** Follows apt's and dpkg's own words: each package is first unpacked, then set up. */
export function packageProgress(talk: Talk, expected: number): (line: string) => void {
	let seen = 0;
	return (line) => {
		talk.log(line);
		const [, word, name] = /^(Unpacking|Setting up) (\S+)/.exec(line) ?? [];
		if (!word) return;
		seen++;
		talk.progress(Math.min(seen / (2 * expected), 1), `${word === "Unpacking" ? "unpacking" : "setting up"} ${name}`);
	};
}
