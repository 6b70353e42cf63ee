import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { clusteros, mustClusteros } from "../clusteros.ts";
import { Living } from "./living.ts";

/** Plugs that are pulled, one after the other. */

let lab: Living;

beforeAll(async () => {
	lab = await Living.open(inject("cluster"));
	await lab.ready(["c1", "n1", "n2", "n3", "n4"]);
});
afterAll(() => lab.ready(["c1", "n1", "n2", "n3", "n4"]));

it("workers lose power in each state and come back; one with its cable cut, its disk new and its name old", async () => {
	const former = await pinnedIdOf("n4");
	await mustClusteros("fault", lab.dir, "n[1-4]", "kill");
	await rm(join((await lab.machine("n4")).dir, "root.qcow2"));
	await lab.fault("n4", { kind: "cut" });

	// n4 goes its own way from here on: `up` gives up waiting as soon as one of the others is off.
	const first = killEach({ n1: "discover", n2: "mesh", n3: "munge" });
	const starting = clusteros("up", lab.dir);
	await first;
	await starting;
	const second = killEach({ n1: "slurm", n2: "names" });
	await clusteros("start", lab.dir, "n[1-3]");
	await second;
	const last = mustClusteros("start", lab.dir, "n[1-3]");

	const waiting = await lab.until("n4 to miss its LAN", "n4", 60, async () => {
		const { state, reason, node } = await lab.status("n4");
		return state === "discover" && /^waiting: no other node answers; .*cut LAN/.test(reason ?? "") && { node };
	});
	expect(await lab.root("n4", "systemctl is-system-running --wait || true")).toBe("running");
	const since = await lab.now("c1");
	await lab.fault("n4", { kind: "heal" });
	const refused = new RegExp(`refused n4 \\(${waiting.node}\\): another key is pinned for this name.*clusteros readmit n4`);
	await lab.journal("c1", "clusteros-agent", since, refused, 60);
	await lab.until("n4 to say why it is left out", "n4", 20, async () => {
		return /c1 refuses this node: another key is pinned/.test((await lab.status("n4")).reason ?? "");
	});
	await mustClusteros("readmit", lab.dir, "n4");
	await last;
	await lab.ready(["n1", "n2", "n3", "n4"]);
	expect([former, await pinnedIdOf("n4")]).toEqual([expect.not.stringMatching(waiting.node), waiting.node]);
});

/** Pulls each node's plug in its state. */
async function killEach(states: Readonly<Record<string, "discover" | "mesh" | "names" | "munge" | "slurm">>): Promise<void> {
	const killed = Object.entries(states).map(async ([node, state]) => {
		const said = await lab.killedAt(node, state);
		// A state that is over in a moment may be so before its plug is out; never ready.
		expect(said, `${node} at ${state}`).not.toBe("ready");
	});
	await Promise.all(killed);
}

/** The id that c1 has pinned for a name. */
async function pinnedIdOf(name: string): Promise<string> {
	return JSON.parse(await lab.root("c1", "cat /var/lib/clusteros/pins.json")).pins[name].id;
}

it("the controller loses power with jobs queued: they are run when it is back", async () => {
	const out = "/tmp/clusteros-bad-luck";
	await lab.root("n1", `rm -rf ${out}; install -d -o user ${out}`);
	const submit = (script: string) => lab.user("c1", `sbatch --parsable --exclusive -w n1 -o /dev/null --wrap '${script}'`);
	const queue = async () => (await lab.root("c1", "squeue -h -o '%i %t'")).trim().split("\n").toSorted().join();
	const first = (await submit(`until [ -e ${out}/go ]; do sleep 1; done; echo first >> ${out}/said`)).trim();
	await lab.until("a job to run", ["c1", "n1"], 20, async () => (await queue()) === `${first} R`);
	// From here on what slurmctld writes down knows that the first one runs: one that it took for queued would be started twice.
	await lab.root("c1", "touch /root/mark");
	const second = (await submit(`echo second >> ${out}/said`)).trim();
	const expected = [`${first} R`, `${second} PD`].toSorted().join();
	await lab.until("another to wait", ["c1", "n1"], 20, async () => (await queue()) === expected);
	await lab.until("slurmctld to have written them down", "c1", 20, async () => {
		return (await lab.root("c1", "[ /var/spool/slurmctld/job_state -nt /root/mark ] && sync && echo yes || true")) === "yes";
	});

	await mustClusteros("fault", lab.dir, "c1", "kill");
	await mustClusteros("start", lab.dir, "c1");
	await lab.until("both jobs to be known again", "c1", 30, async () => (await queue()) === expected);
	await lab.root("n1", `touch ${out}/go`);
	await lab.until("both jobs to end", ["c1", "n1"], 60, async () => {
		return (await lab.root("n1", `cat ${out}/said 2>/dev/null || true`)) === "first\nsecond";
	});
	await lab.until("an empty queue", "c1", 30, async () => (await queue()) === "");
	await lab.root("n1", `rm -r ${out}`);
});
