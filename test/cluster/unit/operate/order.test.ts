import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkName, giveOrder, refusalOf } from "../../../../cluster/operate/order.ts";
import { type Lab, startLab } from "../support/lab.ts";
import { withSshd } from "../support/servers.ts";
import { standIn, written } from "../support/sshd.ts";

withSshd("orders about a node", () => {
	let lab: Lab;
	beforeAll(async () => {
		lab = await startLab(["c2", "n1"], ["c1"]);
		await standIn(lab.sshds.c2!, "clusteros-agent", 'echo "$@" >> "$NODE_DIR/orders"; echo "$2 may come back"');
	});
	afterAll(async () => lab[Symbol.asyncDispose]());

	it("go to the first controller that can be reached, and to no worker", async () => {
		expect(await giveOrder(await lab.open(), "forget", "n9")).toEqual({ node: "n9", controller: "c2", said: "n9 may come back" });
		expect(await written(lab.sshds.c2!, "orders")).toBe("forget n9\n");
		expect(await written(lab.sshds.n1!, "orders")).toBe("");
	});

	it("forget the ssh host key of a node that was installed anew, and of no other", async () => {
		const reached = await lab.open();
		await reached.link("n1").run(["true"]);
		await reached.link("c2").run(["true"]);
		const known = () => readFile(join(lab.dir, "known_hosts"), "utf8");
		expect(await known()).toMatch(/-n1 ssh-ed25519/);
		await giveOrder(reached, "readmit", "n1");
		expect(await known()).not.toContain("-n1 ");
		expect(await known()).toMatch(/-c2 ssh-ed25519/);
	});

	it("say what the agent says when it refuses", async () => {
		await standIn(lab.sshds.c2!, "clusteros-agent", "echo only a controller can order this >&2; exit 1");
		const error = await giveOrder(await lab.open(), "readmit", "n1").catch((thrown) => refusalOf(thrown, "readmit", "n1"));
		expect(String(error)).toBe("UserError: readmit n1 was refused: only a controller can order this");
	});

	it("are about one node by name", () => {
		expect(checkName("node-1f6f0a")).toBe("node-1f6f0a");
		expect(() => checkName("n[1-2]")).toThrow(/not a node's name/);
		expect(() => checkName("--help")).toThrow(/not a node's name/);
	});
});
