import type { Row } from "../row.ts";
import { cold } from "./cold.ts";
import { formats } from "./formats.ts";
import { help } from "./help.ts";
import { nothingChanged } from "./nothing-changed.ts";
import { overlayEdit } from "./overlay-edit.ts";
import { packageAdded } from "./package-added.ts";
import { secondProfile } from "./second-profile.ts";
import { size } from "./size.ts";

/** The budget table, in its order. */
export const ROWS: readonly Row[] = [cold, overlayEdit, nothingChanged, packageAdded, secondProfile, formats, size, help];

/** Rows that need a running cluster, with their targets: measured once there is one. */
export const LATER: readonly { readonly title: string; readonly target: string }[] = [
	{ title: "5 nodes from `up` to `srun -N5` done", target: "≤ 1.5 × 5 bare VMs to the login prompt" },
	{ title: "agent: memory", target: "≤ 80 MB RSS" },
	{ title: "agent: processor time to ready", target: "≤ 4 × a Node hello-world in the same guest" },
];
