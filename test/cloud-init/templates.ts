import { join } from "node:path";
import { readSeedTemplates } from "../../cloud-init/templates.ts";

/** The seed's templates as this checkout has them. */
export const TEMPLATES = readSeedTemplates(join(import.meta.dirname, "../../cloud-init"));
