import { PURPOSES, type Purpose } from "../../core/contract/purposes.ts";
import type { SeedSecrets } from "../../core/contract/seed.ts";
import type { SecretKey } from "../context.ts";
import { keepFile, readText } from "../files.ts";
import { GENERATIONS } from "../paths.ts";
import type { World } from "../world.ts";

/** Generation in use by purpose: in a rotation the newest one is accepted before it is used. */
export type Generations = Readonly<Partial<Record<Purpose, number>>>;

/** Every key of a purpose, the one in use first: what it seals is opened with any of them. Newest first among the others. */
export function keysOf(secrets: SeedSecrets, inUse: Generations, purpose: Purpose): SecretKey[] {
	const keys = secrets.keys
		.filter((one) => one.purpose === purpose)
		.map(({ generation, key }) => ({ generation, key: Buffer.from(key, "base64") }))
		.toSorted((a, b) => b.generation - a.generation);
	const used = keys.find(({ generation }) => generation === inUse[purpose]);
	return used === undefined ? keys : [used, ...keys.filter((key) => key !== used)];
}

/** The generations that are in use when nothing else was said: the newest of each purpose. */
export function newest(secrets: SeedSecrets): Generations {
	return generations(secrets, {});
}

/** The generations in use, as far as the secrets still hold them. */
export function generations(secrets: SeedSecrets, inUse: Generations): Generations {
	const purposes = Object.keys(PURPOSES) as Purpose[];
	return Object.fromEntries(
		purposes.flatMap((purpose) => {
			const [used] = keysOf(secrets, inUse, purpose);
			return used ? [[purpose, used.generation]] : [];
		}),
	);
}

/** As the last rotation left it; nothing said before the first one. A file that is spoilt says nothing either. */
export function loadGenerations(world: World): Generations {
	try {
		return JSON.parse(readText(world, GENERATIONS) ?? "{}") as Generations;
	} catch {
		return {};
	}
}

export function saveGenerations(world: World, inUse: Generations): void {
	keepFile(world, { path: GENERATIONS, content: `${JSON.stringify(inUse)}\n`, mode: 0o600 });
}
