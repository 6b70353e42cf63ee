import { ask, saidBy } from "./ask.ts";
import type { Group } from "./check.ts";
import { expectThat, perNode, shownBy, verdictOf } from "./verdict.ts";

/** systemd says `running`: everything is up and no unit has failed. */
export const systemd: Group = {
	name: "systemd",
	checks: perNode("systemd", async (node, suite) => {
		const seen = await ask(suite, node, {
			state: ["systemctl", "is-system-running"],
			failed: ["systemctl", "--failed", "--no-legend", "--plain"],
			jobs: ["systemctl", "list-jobs", "--no-legend", "--plain"],
		});
		const state = saidBy(seen.state);
		return verdictOf(
			expectThat(state === "running", {
				node: node.name,
				expected: "running",
				seen: [state, seen.failed.text.trim(), state === "starting" ? seen.jobs.text.trim() : ""].filter(Boolean).join("\n"),
				command: shownBy(suite, node, ["systemctl", "--failed"]),
			}),
		);
	}),
};
