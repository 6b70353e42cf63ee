import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** A command of `clusteros`: what the overview says of it, and how to get at its options. */
export interface CommandEntry {
	readonly name: string;
	readonly summary: string;
	/** Arguments of an example that works as typed. */
	readonly example: readonly string[];
	/** Loads the command's options; what it does is loaded later still. */
	load(call: string, context: CommandContext): Promise<Command>;
}

/** In the order in which people need them. */
export const COMMANDS: readonly CommandEntry[] = [
	{
		name: "build",
		summary: "build a bootable image from a profile",
		example: ["build", "--profile", "slurm", "--base", "auto"],
		load: async (call, context) => {
			const { buildCommand } = await import("./build-options.ts");
			return buildCommand(call, context, async () => (await import("./build.ts")).runBuild);
		},
	},
	{
		name: "init",
		summary: "describe a new cluster: its nodes, users and keys",
		example: ["init", "lab", "--nodes", "5"],
		load: async (call, context) => (await import("./init-options.ts")).initCommand(call, context),
	},
	{
		name: "up",
		summary: "start a cluster of virtual machines",
		example: ["up", "lab", "--image", "out/slurm-latest.qcow2"],
		load: async (call, context) => {
			const { upCommand } = await import("./up-options.ts");
			return upCommand(call, context, async () => (await import("./up.ts")).runUp);
		},
	},
	{
		name: "status",
		summary: "show what state every node is in, and what it waits for",
		example: ["status", "lab"],
		load: async (call, context) => (await import("./status.ts")).statusCommand(call, context),
	},
	{
		name: "exec",
		summary: "run a command on nodes",
		example: ["exec", "lab", "all", "--", "uptime"],
		load: async (call, context) => (await import("./exec.ts")).execCommand(call, context),
	},
	{
		name: "ssh",
		summary: "log in on a node",
		example: ["ssh", "lab", "n1"],
		load: async (call) => (await import("./ssh.ts")).sshCommand(call),
	},
	{
		name: "cp",
		summary: "copy files and folders to nodes, or from them",
		example: ["cp", "lab", "job.sh", "c1:"],
		load: async (call, context) => (await import("./cp.ts")).cpCommand(call, context),
	},
	{
		name: "logs",
		summary: "show a node's journal, or its console",
		example: ["logs", "lab", "n1", "-f"],
		load: async (call, context) => (await import("./logs.ts")).logsCommand(call, context),
	},
	{
		name: "test",
		summary: "check a running cluster: network, keys, SLURM jobs",
		example: ["test", "lab"],
		load: async (call, context) => {
			const { testCommand } = await import("./test-options.ts");
			return testCommand(call, context, async () => (await import("./test.ts")).runTest);
		},
	},
	{
		name: "kubeconfig",
		summary: "give kubectl its way into the cluster's k3s",
		example: ["kubeconfig", "lab", "--merge"],
		load: async (call, context) => (await import("./kubeconfig.ts")).kubeconfigCommand(call, context),
	},
	{
		name: "image",
		summary: "bring container images to nodes with k3s",
		example: ["image", "import", "lab", "app.tar"],
		load: async (call, context) => (await import("./image.ts")).imageCommand(call, context),
	},
	{
		name: "stop",
		summary: "power virtual machines down; their disks stay",
		example: ["stop", "lab"],
		load: async (call) => (await import("./stop-options.ts")).stopCommand(call, async () => (await import("./stop.ts")).runStop),
	},
	{
		name: "start",
		summary: "start virtual machines that were stopped",
		example: ["start", "lab"],
		load: async (call, context) => {
			const { startCommand } = await import("./start-options.ts");
			return startCommand(call, context, async () => (await import("./start.ts")).runStart);
		},
	},
	{
		name: "down",
		summary: "end virtual machines and remove their disks",
		example: ["down", "lab"],
		load: async (call) => (await import("./down-options.ts")).downCommand(call, async () => (await import("./down.ts")).runDown),
	},
	{
		name: "fault",
		summary: "cut, slow, kill or pause virtual machines",
		example: ["fault", "lab", "n1", "cut"],
		load: async (call) =>
			(await import("./fault-options.ts")).faultCommand(call, async () => (await import("./fault.ts")).runFault),
	},
	{
		name: "rotate",
		summary: "move a running cluster to new keys",
		example: ["rotate", "lab"],
		load: async (call, context) => (await import("./rotate.ts")).rotateCommand(call, context),
	},
	{
		name: "readmit",
		summary: "let a node in again that was installed anew",
		example: ["readmit", "lab", "n3"],
		load: async (call, context) => (await import("./readmit.ts")).readmitCommand(call, context),
	},
	{
		name: "approve",
		summary: "let an unknown machine in that waits for it",
		example: ["approve", "lab", "node-1f6f0a"],
		load: async (call, context) => (await import("./readmit.ts")).approveCommand(call, context),
	},
	{
		name: "forget",
		summary: "a node is gone for good: its name is free",
		example: ["forget", "lab", "n4"],
		load: async (call, context) => (await import("./readmit.ts")).forgetCommand(call, context),
	},
	{
		name: "bundle",
		summary: "collect logs and states of all nodes, without secrets",
		example: ["bundle", "lab"],
		load: async (call, context) => (await import("./bundle.ts")).bundleCommand(call, context),
	},
	{
		name: "seed",
		summary: "make the seed that turns an image into a node of the cluster",
		example: ["seed", "lab", "--node", "c1", "--out", "c1.iso"],
		load: async (call, context) => (await import("./seed-options.ts")).seedCommand(call, context),
	},
	{
		name: "doctor",
		summary: "name what this machine lacks for building, and install it",
		example: ["doctor", "--fix"],
		load: async (call, context) => (await import("./doctor.ts")).doctorCommand(call, context),
	},
	{
		name: "cache",
		summary: "look at and tidy what builds leave for later builds",
		example: ["cache", "ls"],
		load: async (_call, context) => {
			const [{ cacheCommand }, { namespaceTrees }] = await Promise.all([import("./cache.ts"), import("../namespace/trees.ts")]);
			return cacheCommand(() => namespaceTrees(context.signal));
		},
	},
];
