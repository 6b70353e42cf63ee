import type { StepRecord } from "../../core/contract/plan.ts";
import type { Request, SolvedLayer } from "../apt/solve.ts";

/** Steps as data: a union, switched exhaustively where they are applied. `needs` is the id of the step below. */
interface StepBase {
	readonly id: string;
	readonly title: string;
	/** What the step's result is a version of, in the store. */
	readonly slot: string;
	readonly key: string;
	readonly record: StepRecord;
}

/** A layer of packages; the first one is made by mmdebstrap. */
export interface PackagesStep extends StepBase {
	readonly kind: "packages";
	readonly below: string | undefined;
	readonly request: Request;
	readonly solved: SolvedLayer;
}

/** What is large and comes from no package (Node, k3s): apart from our files, so that an edit of those copies none of it. */
export interface ProgramsStep extends StepBase {
	readonly kind: "programs";
	readonly below: string;
}

/** Our own files, units and boot loader on top of the last layer. */
export interface FilesStep extends StepBase {
	readonly kind: "files";
	readonly below: string;
}

/** The raw disk; kept in the store only when the raw format is asked for. */
export interface DiskStep extends StepBase {
	readonly kind: "disk";
	readonly below: string;
	readonly keep: boolean;
}

/** A format made from the raw disk. */
export interface ImageStep extends StepBase {
	readonly kind: "image";
	readonly below: string;
	readonly format: "qcow2";
}

export type Step = PackagesStep | ProgramsStep | FilesStep | DiskStep | ImageStep;

/** What the build leaves in OUT: `file` of the step's store entry under the artifact's name. */
export interface Output {
	readonly format: string;
	readonly step: string;
	/** Name within the entry. */
	readonly entryFile: string;
	/** Name in OUT. */
	readonly file: string;
}

/** Ordered: a step comes after those it needs. */
export interface Plan {
	readonly name: string;
	readonly steps: readonly Step[];
	readonly outputs: readonly Output[];
}
