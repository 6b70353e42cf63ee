import { dirname, join } from "node:path";
import { archiveAddresses, baseSources, buildKeyrings, extraSources } from "../apt/archives.ts";
import { type DebSource, deb822 } from "../apt/deb822.ts";
import { hostSources } from "../apt/host.ts";
import { fetchIndex, type Index } from "../apt/index.ts";
import type { Reporter } from "../ui/reporter.ts";
import { mustAnswer } from "./archives-answer.ts";
import type { ObserveSpec } from "./spec.ts";

/** The archive's index, fetched when the last answer is older than a day, and the addresses in use. */
export async function lookAtArchive(spec: ObserveSpec): Promise<{ index: Index; tried: string[] }> {
	const { base, store } = spec;
	const addresses = await archiveAddresses(base, spec.mirrors, hostSources(base.distribution, store.memo));
	const keyrings = buildKeyrings(base, join(dirname(spec.baseFile), base.apt.keyring.copy));
	const sources = deb822([...baseSources(base, addresses, keyrings), ...extraSources(spec.resolved.profile.aptSources)]);
	const extra = spec.resolved.profile.aptSources.flatMap(({ uris }) => uris);
	const tried = [...new Set([...[...addresses.values()].map(({ uri }) => uri), ...extra])];
	let report: ReturnType<Reporter["step"]> | undefined;
	try {
		const index = await fetchIndex({
			dir: store.apt,
			arch: spec.arch,
			sources,
			recommends: spec.resolved.profile.recommends,
			options: base.apt.options,
			tried,
			now: spec.now,
			refresh: spec.refresh,
			signal: spec.signal,
			log: spec.log,
			onFetch: async () => {
				report = spec.reporter.step("archive index");
				await mustAnswer(base, addresses, spec.resolved.profile.aptSources, spec.signal);
			},
		});
		if (report) report.done(`${index.pockets.length} pockets of ${base.name}`);
		else spec.log(`archive index of ${index.fetched} taken; --refresh asks again`);
		return { index, tried };
	} catch (error) {
		report?.failed("");
		throw error;
	}
}

/**
 * The distribution's sources that machines get: its public addresses, whatever mirror this build used.
 * The keyring is the one that the distribution's own package installs.
 */
export async function imageSources(spec: ObserveSpec): Promise<DebSource[]> {
	const { base, store } = spec;
	const publicSources = { ...hostSources(base.distribution, store.memo), host: async () => undefined };
	const addresses = await archiveAddresses(base, [], publicSources);
	return baseSources(base, addresses, [base.apt.keyring.host]);
}
