import { DeadlineError, poll } from "../../core/deadline.ts";
import { Interrupted } from "../../core/errors.ts";
import { ask } from "./ask.ts";
import { patience, type Suite, type TestNode } from "./check.ts";

/** Seconds on metal from the order to reboot until the node is ready: firmware of servers alone takes minutes. */
const REBOOT = 300;
/** Emulated nodes have no such firmware: what `slow` multiplies is less. */
const REBOOT_EMULATED = 150;
/** Seconds on metal between two looks: each costs an emulated node that boots an ssh command. */
const LOOK = 1;

/** Reboots all workers together, then the controllers, and waits each time until they are ready again. @throws DeadlineError. */
export async function reboot(suite: Suite): Promise<void> {
	const controls = ({ roles }: TestNode) => roles.includes("controller");
	const waves = [suite.nodes.filter((node) => !controls(node)), suite.nodes.filter(controls)];
	for (const wave of waves) {
		const away = new Set(wave.map(({ name }) => name));
		const tell = () => suite.doing?.(`rebooting ${[...away].join(" ")}`);
		tell();
		const work = wave.map(async (node) => {
			await rebootNode(suite, node);
			if (away.delete(node.name) && away.size > 0) tell();
		});
		await all(work);
	}
	suite.doing?.("waiting until all nodes are ready again");
	// The controllers' going down was noticed by everybody else.
	await all(suite.nodes.map((node) => untilReady(suite, node, "")));
}

/** One that fails does not leave the others half-way. */
async function all(work: readonly Promise<void>[]): Promise<void> {
	const failed = (await Promise.allSettled(work)).find((result) => result.status === "rejected");
	if (failed) throw failed.reason;
}

async function rebootNode(suite: Suite, node: TestNode): Promise<void> {
	const { boot } = await ask(suite, node, { boot: ["cat", "/proc/sys/kernel/random/boot_id"] });
	// The node may be gone before it could answer; whether it obeyed shows in what it boots into.
	await ask(suite, node, { order: ["systemctl", "--no-block", "reboot"] }).catch(unlessInterrupted);
	await untilReady(suite, node, boot.text.trim());
}

function unlessInterrupted(error: unknown): void {
	if (error instanceof Interrupted) throw error;
}

/** Waits until the node runs another boot than `boot`, its agent says ready and systemd has started everything. */
async function untilReady(suite: Suite, node: TestNode, boot: string): Promise<void> {
	let last = "no answer";
	const look = async () => {
		try {
			const seen = await ask(
				suite,
				node,
				{
					boot: ["cat", "/proc/sys/kernel/random/boot_id"],
					agent: ["cat", "/run/clusteros/status.json"],
					system: ["systemctl", "is-system-running"],
				},
				{ timeout: patience(suite, 5) },
			);
			last = `${/"state":\s*"(\w+)"/.exec(seen.agent.text)?.[1] ?? "no agent"}, ${seen.system.text.trim()}`;
			const again = seen.boot.code === 0 && seen.boot.text.trim() !== boot;
			return again && last.startsWith("ready, ") && !last.endsWith("starting") ? true : undefined;
		} catch (error) {
			unlessInterrupted(error);
			last = (error as Error).message;
			return undefined;
		}
	};
	const timeout = suite.slow > 1 ? patience(suite, REBOOT_EMULATED) : REBOOT * 1000;
	if (await poll(look, { timeout, every: Math.max(2000, patience(suite, LOOK)), signal: suite.signal })) return;
	throw new DeadlineError(`${node.name} is not ready ${timeout / 1000} s after its reboot: ${last}`);
}
