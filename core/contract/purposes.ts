/**
 * Purposes of derived keys and their lengths in bytes (HKDF-SHA256, info `clusteros/v1/<purpose>/<generation>`).
 * Apart from the schemas, so that the agent's bundle can do without zod.
 */
export const PURPOSES = { serf: 32, munge: 1024, announce: 32, dbd: 32 } as const;

export type Purpose = keyof typeof PURPOSES;
