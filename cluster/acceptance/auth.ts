import { type Answer, ask, saidBy } from "./ask.ts";
import type { Complaint, Group, Suite, TestNode } from "./check.ts";
import { hasPart, lacksPart } from "./has.ts";
import { expectThat, nextTo, perNode, shownBy, verdictOf } from "./verdict.ts";

/** unmunge's exit code for a credential that does not stand the test: EMUNGE_CRED_INVALID (munge.h). */
const REFUSED = 14;

/** A munge credential of the node decodes on the next one; one that was made with another key is refused there. */
export const auth: Group = {
	name: "auth",
	checks: perNode("auth", async (node, suite) => {
		const made = await ask(suite, node, { part: hasPart("munge"), own: ["munge", "-n"], foreign: ["sh", "-c", FOREIGN] });
		const lacks = lacksPart("munge", made.part);
		if (lacks) return lacks;
		for (const answer of [made.own, made.foreign]) {
			if (!answer.text.trim().startsWith("MUNGE:")) return verdictOf([noCredential(suite, node, answer)]);
		}
		const to = nextTo(suite, node);
		const { own, foreign } = await ask(suite, to, { own: decode(made.own), foreign: decode(made.foreign) });
		const command = `${shownBy(suite, node, ["munge", "-n"])} | ${shownBy(suite, to, ["unmunge"])}`;
		return verdictOf([
			...expectThat(own.code === 0, {
				node: node.name,
				expected: `${to.name} decodes a credential of ${node.name}`,
				seen: saidBy(own),
				command,
			}),
			...expectThat(foreign.code === REFUSED, {
				node: to.name,
				expected: `${to.name} refuses a credential made with another key`,
				seen: saidBy(foreign),
				command: shownBy(suite, to, ["journalctl", "--boot", "--unit=munge"], "root"),
			}),
		]);
	}),
};

/** A second munged for a moment, with a key of its own, in a folder of its own that is gone afterwards. */
const FOREIGN = `
d=$(mktemp -d /run/clusteros-munge.XXXXXX) && chmod 711 "$d" || exit
trap 'kill "$(cat "$d/pid")"; rm -rf "$d"' EXIT
(umask 077; head -c 128 /dev/urandom >"$d/key")
munged --key-file="$d/key" --socket="$d/socket" --pid-file="$d/pid" --seed-file="$d/seed" --log-file="$d/log" &&
munge -n -S "$d/socket"`;

/** A credential is no secret: it says who made it, and is good for one use within 5 minutes. */
function decode({ text }: Answer): string[] {
	return ["sh", "-c", 'printf %s "$1" | unmunge', "sh", text];
}

function noCredential(suite: Suite, node: TestNode, answer: Answer): Complaint {
	const command = shownBy(suite, node, ["munge", "-n"]);
	return { node: node.name, expected: "a munge credential", seen: saidBy(answer), command };
}
