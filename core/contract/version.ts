import * as z from "zod";

/** Every file between two rooms starts with its format version, so that an old reader can refuse a new file by name. */
export const formatVersion = z.literal(1).describe("Version of this file's format; 1 today.");

/** A SHA-256 in lower-case hex. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "a SHA-256 is 64 lower-case hex digits");
