/** Files that a NoCloud seed may have. */
export const SEED_NAMES = ["meta-data", "user-data", "network-config"] as const;

/** A seed's files by name. */
export type SeedTexts = Readonly<Partial<Record<(typeof SEED_NAMES)[number], string>>>;

/** Label of a NoCloud volume, in either case. */
export const SEED_LABEL = "CIDATA";
