import { UserError } from "../core/errors.ts";
import { didYouMean } from "../core/toml/nearest.ts";

/** Image formats: each is a list of steps over the same tree. `made` says whether they exist yet. */
export const FORMATS = {
	qcow2: { suffix: "qcow2", what: "compressed disk for QEMU", made: true },
	raw: { suffix: "raw", what: "disk to be written as it is", made: true },
	iso: { suffix: "iso", what: "live and install medium", made: false },
	docker: { suffix: "docker.tar", what: "container image", made: false },
} as const;

/**
 * Formats as asked for, without repeats.
 * @throws UserError for an unknown format, or one that is planned but not made yet.
 */
export function checkFormats(asked: readonly string[]): string[] {
	const known = Object.keys(FORMATS);
	const makeable = Object.entries(FORMATS).filter(([, format]) => format.made);
	const list = makeable.map(([name]) => name).join(", ");
	for (const name of asked) {
		if (!known.includes(name)) {
			throw new UserError("usage", {
				message: `unknown format "${name}"; known: ${list}`,
				fix: didYouMean(name, known) ?? `--format ${list}`,
			});
		}
		if (!FORMATS[name as keyof typeof FORMATS].made) {
			throw new UserError("usage", {
				message: `the ${name} format is planned but not made yet; made today: ${list}`,
				fix: "--format qcow2",
			});
		}
	}
	return [...new Set(asked)];
}
