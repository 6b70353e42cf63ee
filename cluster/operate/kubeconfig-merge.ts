import { mkdir, readFile, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { dump, load } from "js-yaml";
import { UserError } from "../../core/errors.ts";
import { writePrivate } from "../../core/private-file.ts";
import { asKubeconfig, type Kubeconfig, mergeKubeconfig } from "./kubeconfig-file.ts";

export interface Merged {
	/** The file that has the cluster now. */
	readonly file: string;
	/** What the file was before, where it was there and has changed. */
	readonly backup?: string | undefined;
	/** The context that kubectl takes by itself. */
	readonly current: string;
}

/** The file that kubectl reads: the first of $KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFile(env: NodeJS.ProcessEnv): string {
	const given = (env.KUBECONFIG ?? "").split(delimiter).find((part) => part !== "");
	return given ?? join(env.HOME || homedir(), ".kube/config");
}

/**
 * Adds `ours` to a kubeconfig file, for its owner alone, in one step; what it was before is kept beside it.
 * @throws UserError when the file is no kubeconfig, or has the name for something else.
 */
export async function mergeInto(file: string, ours: Kubeconfig): Promise<Merged> {
	// A link stays one: dotfiles are kept elsewhere.
	const real = await realpath(file).catch(ifMissing(file));
	const text = await readFile(real, "utf8").catch(ifMissing(""));
	const merged = mergeNamed(file, text, ours);
	const wanted = yamlOf(merged);
	const current = String(merged["current-context"]);
	if (wanted === text) return { file, current };
	await mkdir(dirname(real), { recursive: true, mode: 0o700 });
	const backup = text === "" ? undefined : `${real}.before-clusteros`;
	if (backup !== undefined) await writePrivate(backup, text);
	await writePrivate(real, wanted);
	return { file, backup, current };
}

/** Quoted so that kubectl, which reads YAML 1.1, finds the same values; no line is folded. */
export function yamlOf(config: Kubeconfig): string {
	return dump(config, { lineWidth: -1, noRefs: true });
}

function mergeNamed(file: string, text: string, ours: Kubeconfig): Kubeconfig {
	const before = parse(file, text);
	try {
		return mergeKubeconfig(before, ours);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		throw new UserError(
			error.kind,
			error.problems.map((problem) => ({ ...problem, where: { file } })),
		);
	}
}

function parse(file: string, text: string): Kubeconfig {
	const why = (message: string) =>
		new UserError("invalid", { message, where: { file }, fix: "mend it, or name another file: KUBECONFIG=FILE" });
	let config: Kubeconfig | undefined;
	try {
		config = asKubeconfig(text.trim() === "" ? undefined : load(text));
	} catch (error) {
		throw why(`this is not YAML: ${(error as Error).message.split("\n")[0]}`);
	}
	if (!config) throw why("this is not a kubeconfig");
	return config;
}

function ifMissing<T>(value: T): (error: NodeJS.ErrnoException) => T {
	return (error) => {
		if (error.code === "ENOENT") return value;
		throw error;
	};
}
