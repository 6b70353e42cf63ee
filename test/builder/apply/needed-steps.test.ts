import { describe, expect, it } from "vitest";
import { neededSteps } from "../../../builder/apply/apply.ts";
import type { Plan, Step } from "../../../builder/plan/steps.ts";
import type { Entry } from "../../../builder/store/types.ts";

const KINDS = {
	"packages:base": "packages",
	"packages:slurm": "packages",
	programs: "programs",
	files: "files",
	disk: "disk",
	qcow2: "image",
} as const;
type Id = keyof typeof KINDS;
const IDS = Object.keys(KINDS) as Id[];

/** The plan of an image with two layers; a step's key is its id. */
function plan(...outputs: Id[]): Plan {
	const steps = IDS.map((id, index) => ({ id, kind: KINDS[id], key: id, below: IDS[index - 1], keep: outputs.includes("disk") }));
	return {
		name: "x",
		steps: steps as unknown as Step[],
		outputs: outputs.map((step) => ({ format: step, step, entryFile: "", file: "" })),
	};
}

async function needed(there: readonly Id[], ...outputs: Id[]): Promise<string[]> {
	const find = async (key: string) => (there.includes(key as Id) ? ({} as Entry) : undefined);
	const found = await neededSteps(plan(...(outputs.length > 0 ? outputs : (["qcow2"] as const))), { find });
	return IDS.filter((id) => found.has(id));
}

describe("neededSteps", () => {
	it.each<[string, Id[], Id[]]>([
		["nothing is there: all", [], IDS],
		["all is there: nothing", IDS, []],
		["the image is there, and a disk never is: nothing", ["packages:base", "packages:slurm", "programs", "files", "qcow2"], []],
		["the image is missing: everything below is read", ["packages:base", "packages:slurm", "programs", "files"], IDS],
		["the lowest layer is missing below layers that are there: everything", ["packages:slurm", "programs", "files"], IDS],
		[
			"only the layer with the kernel is missing",
			["packages:base", "packages:slurm", "programs", "qcow2"],
			["packages:base", "packages:slurm", "programs", "files"],
		],
		["only layers below a whole image are missing: nothing", ["programs", "files", "qcow2"], []],
		[
			"a kept disk is read, and nothing below it",
			["packages:base", "packages:slurm", "programs", "files", "disk"],
			["disk", "qcow2"],
		],
	])("%s", async (_what, there, expected) => {
		expect(await needed(there)).toEqual(expected);
	});

	it("makes one output of two", async () => {
		const layers: Id[] = ["packages:base", "packages:slurm", "programs", "files"];
		expect(await needed([...layers, "qcow2"], "qcow2", "disk")).toEqual([...layers, "disk"]);
		expect(await needed([...layers, "disk"], "qcow2", "disk")).toEqual(["disk", "qcow2"]);
	});
});
