import { expect, it } from "vitest";
import { featuresOf, partitionLines } from "../../../../core/node/files/slurm-partitions.ts";

const some = { name: "gpu", nodes: ["n1"], default: false };
const all = { name: "short", nodes: "all" as const, default: false };

it("there is one partition of all nodes where cluster.toml has none", () => {
	expect(partitionLines([])).toEqual(["PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP"]);
});

it("the first is the default where none is", () => {
	const isDefault = partitionLines([all, some]).filter((line) => line.includes("Default=YES"));
	expect(isDefault).toEqual(["PartitionName=short Nodes=ALL Default=YES MaxTime=INFINITE State=UP"]);
});

it("exactly one is the default", () => {
	const lines = partitionLines([
		{ ...all, default: true },
		{ ...some, default: true },
	]);
	expect(lines.filter((line) => line.includes("Default=YES"))).toHaveLength(1);
});

it("a node brings the features of the partitions that name it, and no others", () => {
	expect(featuresOf([all, some], "n1")).toEqual(["p_gpu"]);
	expect(featuresOf([all, some], "n2")).toEqual([]);
	expect(partitionLines([all, some])).toContain("NodeSet=ns_gpu Feature=p_gpu");
});
