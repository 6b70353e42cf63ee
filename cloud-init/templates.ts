import { readFileSync } from "node:fs";
import { join } from "node:path";
import Handlebars from "handlebars";
import { asYaml } from "./yaml.ts";

/** The files of a NoCloud seed that are rendered, each from `<name>.hbs`. */
export const SEED_TEMPLATES = ["meta-data", "user-data", "network-config"] as const;

/** Text of the templates by the seed file's name. */
export type SeedTemplates = Readonly<Record<(typeof SEED_TEMPLATES)[number], string>>;

/** Reads the templates in `folder`: this one, or its copy in an installed package. */
export function readSeedTemplates(folder: string): SeedTemplates {
	const texts = SEED_TEMPLATES.map((name) => [name, readFileSync(join(folder, `${name}.hbs`), "utf8")]);
	return Object.fromEntries(texts) as SeedTemplates;
}

/** Renders a template. Values get in through `{{yaml value}}` alone, which serialises them; a missing one is an error. */
export function renderTemplate(template: string, scope: object): string {
	const engine = Handlebars.create();
	engine.registerHelper("yaml", asYaml);
	return engine.compile(template, { strict: true, noEscape: true, knownHelpersOnly: true, knownHelpers: { yaml: true } })(scope);
}
