import type { Row } from "../row.ts";
import { agentCpu } from "./agent-cpu.ts";
import { agentMemory } from "./agent-memory.ts";
import { cold } from "./cold.ts";
import { formats } from "./formats.ts";
import { help } from "./help.ts";
import { idle } from "./idle.ts";
import { nothingChanged } from "./nothing-changed.ts";
import { overlayEdit } from "./overlay-edit.ts";
import { packageAdded } from "./package-added.ts";
import { secondProfile } from "./second-profile.ts";
import { size } from "./size.ts";
import { up } from "./up.ts";
import { warm } from "./warm.ts";

/** The budget table, in its order. */
export const ROWS: readonly Row[] = [
	...[cold, overlayEdit, nothingChanged, packageAdded, secondProfile, formats, size, help],
	...[up, warm, agentMemory, agentCpu, idle],
];
