import { FACT_PROGRAMS } from "../../core/node/facts.ts";
import { ADMIN_KUBECONFIG, K3S_AGENT, KUBECTL } from "../../core/node/k3s-paths.ts";
import { quote } from "../../core/process/quote.ts";

/** One file of a node's part of the bundle: what a program prints, or the end of files. */
export interface Question {
	readonly file: string;
	/** A line for the node's shell. */
	readonly script: string;
}

/** Bytes that are kept of one file's end. */
const MOST = 4_000_000;

const asks = (file: string, ...argv: string[]): Question => ({ file, script: argv.map(quote).join(" ") });
const holds = (file: string, ...paths: string[]): Question => ({
	file,
	script: `for path in ${paths.join(" ")}; do [ -f "$path" ] && echo "== $path" && tail -c ${MOST} -- "$path"; done; true`,
});

/** Only where k3s is, or where its server has run: nothing is printed elsewhere. */
const K3S = `[ -x ${FACT_PROGRAMS.k3s} ]`;
const K3S_SERVER = `[ -f ${ADMIN_KUBECONFIG} ]`;
const where = (condition: string, { file, script }: Question): Question => ({ file, script: `${condition} && ${script}` });

/** What is asked of every node. No file that holds nothing but a secret is read at all. */
export const QUESTIONS: readonly Question[] = [
	asks("status.json", "clusteros-agent", "status", "--json"),
	asks("explain.txt", "clusteros-agent", "explain"),
	asks("journal.txt", "journalctl", "--no-pager", "--boot", "--output=short-iso", "--lines=20000"),
	asks("dmesg.txt", "dmesg"),
	asks("failed-units.txt", "systemctl", "--no-pager", "--failed"),
	asks("units.txt", "systemctl", "--no-pager", "list-units", "--all"),
	asks("boot-time.txt", "systemd-analyze", "--no-pager", "blame"),
	// wg itself hides private keys; it would print them for `showconf` and `dump`.
	asks("wireguard.txt", "wg", "show", "all"),
	asks("addresses.txt", "ip", "address"),
	asks("routes.txt", "ip", "route"),
	asks("clock.txt", "chronyc", "-n", "tracking"),
	asks("slurm-nodes.txt", "scontrol", "show", "nodes"),
	asks("slurm-jobs.txt", "squeue", "--all"),
	asks("disk.txt", "df", "-h"),
	asks("memory.txt", "free", "-m"),
	asks("kernel.txt", "uname", "-a"),
	holds("slurm-logs.txt", "/var/log/slurm/*.log", "/var/log/slurm*.log"),
	holds("slurm-config.txt", "/etc/slurm/slurm.conf", "/etc/slurm/cgroup.conf", "/etc/slurm/gres.conf", "/etc/default/slurmd"),
	holds("serf-config.txt", "/etc/clusteros/serf.json"),
	holds("cluster.txt", "/etc/clusteros/cluster.json", "/etc/hosts", "/etc/hostname", "/etc/chrony/chrony.conf"),
	holds("pins.txt", "/var/lib/clusteros/pins.json", "/var/lib/clusteros/orders.json"),
	holds("cloud-init.txt", "/var/log/cloud-init-output.log", "/var/log/cloud-init.log", "/run/cloud-init/result.json"),
	holds("release.txt", "/etc/os-release"),
	where(
		K3S,
		asks(
			"k3s-journal.txt",
			"journalctl",
			"--no-pager",
			"--boot",
			"--output=short-iso",
			"--lines=20000",
			"--unit=k3s-server.service",
			"--unit=k3s-agent.service",
		),
	),
	where(K3S_SERVER, asks("k3s-objects.txt", ...KUBECTL, "get", "nodes,pods", "--all-namespaces", "--output=wide")),
	where(K3S_SERVER, asks("k3s-events.txt", ...KUBECTL, "get", "events", "--all-namespaces")),
	holds(
		"k3s-config.txt",
		"/etc/rancher/k3s/config.yaml",
		"/etc/rancher/k3s/config.yaml.d/*.yaml",
		`${K3S_AGENT}/etc/containerd/config.toml`,
		`${K3S_AGENT}/containerd/containerd.log`,
	),
];

/** All questions as one program, since a round of ssh costs more than most of them; `mark` goes between the answers. */
export function questionsScript(questions: readonly Question[], mark: string): string {
	return questions.map(({ file, script }) => `{ ${script}; } </dev/null 2>&1; printf '\\n%s %s\\n' ${mark} ${file}`).join("\n");
}

/** The answers by file. One that was cut off by the end of the connection is missing. */
export function answersOf(printed: string, mark: string): Map<string, string> {
	const parts = printed.split(new RegExp(`\\n${mark} (\\S+)(?:\\n|$)`));
	const answers = new Map<string, string>();
	for (let i = 0; i + 1 < parts.length; i += 2) answers.set(parts[i + 1]!, parts[i]!);
	return answers;
}
