/** What k3s complains of that people can do something about, in their words. First match counts. */
const KNOWN: readonly (readonly [pattern: RegExp, words: (name: string, found: RegExpExecArray) => string])[] = [
	[
		/token CA hash does not match/,
		() => "the server there is another cluster's: its authority is not the one in this node's token; make the seed anew",
	],
	[/encrypted with different token/, () => "its data were written with another token: the seed is another cluster's, or older"],
	[/Node password rejected/, (name) => `the server knows another installation of ${name}: clusteros readmit ${name}`],
	[
		/duplicate node name found/,
		(name) => `the other servers know ${name} as it was before: clusteros readmit ${name}, asked of another controller`,
	],
	[
		/\/dev\/kmsg: (operation not permitted|permission denied|no such file or directory)/,
		(_, [, why]) => `/dev/kmsg cannot be read (${why}): something hides it from kubelet, such as sandboxing of its unit`,
	],
	[/no space left on device/, () => "the disk is full"],
	[/flag provided but not defined: -+(\S+)/, (_, [, flag]) => `k3s knows no setting "${flag}": see [k3s] config in cluster.toml`],
	[/yaml: ([^"\n]*)/, (_, [, why]) => `[k3s] config or registries in cluster.toml is no YAML (${why!.trim()})`],
	[/(401 Unauthorized|not authorized|invalid token)/, () => "the server refuses this node's token; make the seed anew"],
];

/** logrus' lines, in which k3s itself speaks. */
const SAID = /level=(fatal|error) msg="((?:[^"\\]|\\.)*)"/g;

/**
 * Why k3s does not come up, by its journal; undefined while it says nothing of the sort. `lately`: it has not ended since it was
 * started, so that what stands before that is past, and what it grumbles about may pass.
 */
export function whatFails(journal: string, name: string, lately: boolean): string | undefined {
	const since = lately ? journal.slice(Math.max(0, journal.lastIndexOf("\nStarting k3s-"))) : journal;
	// A server's line about what it answered is about somebody else.
	const text = since.replaceAll(/^.*\bSending HTTP\b.*$/gm, "");
	for (const [pattern, words] of KNOWN) {
		const found = pattern.exec(text);
		if (found) return words(name, found);
	}
	const said = [...text.matchAll(SAID)].filter(([, level]) => level === "fatal" || !lately);
	const last = said.findLast(([, level]) => level === "fatal") ?? said.at(-1);
	return last?.[2]?.replaceAll(/\\(.)/g, "$1");
}
