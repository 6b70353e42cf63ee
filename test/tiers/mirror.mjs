import { spawnSync } from "node:child_process";
import { join } from "node:path";

let answer;

/** Why this host's own package archive cannot be used; nothing when it answers. Asked through apt, which knows the proxy. Once a run. */
export function mirrorProblem(scratch) {
	if (answer === undefined) answer = { problem: ask(scratch) };
	return answer.problem;
}

function ask(scratch) {
	const { stdout } = spawnSync("apt-get", ["update", "--print-uris"], { encoding: "utf8" });
	const uri = (stdout || "").match(/'((?:https?|mirror\+\S+?|copy|file):[^']*InRelease)'/)?.[1];
	if (!uri) return "apt on this machine has no package archive";
	const helper = spawnSync("/usr/lib/apt/apt-helper", ["download-file", uri, join(scratch, "InRelease")], {
		encoding: "utf8",
		timeout: 60_000,
	});
	return helper.status === 0 ? undefined : `no package archive answers here (tried the first of apt's: ${new URL(uri).host})`;
}
