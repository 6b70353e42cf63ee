import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { statusText } from "../../../../builder/cli/run-status.ts";
import { makePaint } from "../../../../builder/ui/paint.ts";
import { askStatus, isBad, type NodeAnswer } from "../../../../cluster/operate/status.ts";
import { nodeStatus } from "../../../../core/contract/status.ts";
import { type Lab, startLab, statusOf } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { standIn } from "../support/sshd.ts";

withSshd("status of a cluster", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["c1", "n1", "n2"], ["n3"]);
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	it("has an answer of every node, however it is", async () => {
		await standIn(lab.sshds.c1!, "clusteros-agent", `[ "$*" = "status --json" ] && echo '${statusOf("c1")}'`);
		await standIn(lab.sshds.n1!, "clusteros-agent", "echo the agent has said nothing since boot >&2; exit 1");
		const answers = await askStatus(await lab.open());
		expect(answers.map(({ name, reached, problem }) => [name, reached, problem?.replace(/\(.*\)/, "()")])).toEqual([
			["c1", true, undefined],
			["n1", true, "the agent has said nothing since boot"],
			["n2", true, "no clusteros-agent there: was it made from a ClusterOS image?"],
			["n3", false, "nobody answers at 127.0.0.1:9 ()"],
		]);
		expect(answers.map(isBad)).toEqual([false, true, true, true]);
		expect(answers[0]).toMatchObject({ mesh: "10.90.0.1", status: { state: "ready" } });
	});

	it("does not take something else for a status", async () => {
		await standIn(lab.sshds.n1!, "clusteros-agent", `echo '{"version":2}'`);
		const reached = await lab.open();
		const [answer] = await askStatus(reached, reached.select("n1"));
		expect(answer).toMatchObject({ reached: true, problem: expect.stringMatching(/not a status that this version reads/) });
	});
});

describe("statusText", () => {
	const member = (name: string, handshake?: number, alive = true) => {
		const known = { name, id: name, mesh: "10.90.0.9", roles: ["worker"], alive };
		return handshake === undefined ? known : { ...known, handshake };
	};
	const answer = (name: string, more: object): NodeAnswer => {
		const status = nodeStatus.parse({ ...JSON.parse(statusOf(name)), mesh: "10.90.0.1", roles: ["worker"], ...more });
		return { name, roles: ["worker"], mesh: "10.90.0.1", reached: true, status };
	};
	const now = new Date("2026-11-22T10:00:58.000Z");
	const text = (...answers: NodeAnswer[]) => statusText(answers, ["c1", "n1", "n2"], now, makePaint({}, {}));

	it("counts the peers that are heard: alive, with a handshake that is fresh", () => {
		const members = [member("n1", 12), member("n2", 400), member("node-1f", 3, false)];
		expect(text(answer("c1", { members })).split("\n")[1]).toBe("c1    worker  ready  10.90.0.1  1/3    58 s");
	});

	it("says what a node waits for, who it thinks it is, and who was refused", () => {
		const refused = [{ name: "n2", id: "0011", reason: "another key is pinned" }];
		const shown = text(
			answer("n1", { state: "slurm", reason: "waiting: c1 does not list n1 yet", refused }),
			answer("n2", { name: "n9", state: "mesh", since: "2026-11-22T12:00:00.000Z", refused }),
			{ name: "c1", roles: ["controller"], mesh: "10.90.0.1", reached: false, problem: "nobody answers", fix: "look\nagain" },
		).split("\n");
		expect(shown[1]).toMatch(/^n1 .* slurm .* 0\/2 +58 s +waiting: c1 does not list n1 yet$/);
		expect(shown[2]).toMatch(/^n2 .* mesh .* - +calls itself n9$/);
		expect(shown[3]).toMatch(/^c1 .* unreachable .* nobody answers$/);
		expect(shown.slice(4)).toEqual(["refused: n2 (0011): another key is pinned; says n1, n2", "c1: look"]);
	});
});
