import { defineConfig } from "vitest/config";

const ACCEPTANCE = ["test/cluster/acceptance.test.ts"];

/** Suites that share a cluster of five, one after the other; five emulated nodes that boot at once take minutes. */
const onOneCluster = {
	globalSetup: ["test/cluster/shared.ts"],
	testTimeout: 1_800_000,
	hookTimeout: 1_800_000,
	fileParallelism: false,
};

/** Unit tests: seconds, no root, no network. The slow tiers have projects of their own. */
export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/**/*.test.ts"],
					// The room `cluster/` has its unit tests under test/cluster/unit/: test/cluster/ itself is the tier of VMs.
					exclude: ["test/boot/**", "test/cluster/*.test.ts", "test/cluster/!(unit)/**", "test/build/**"],
					testTimeout: 20_000,
				},
			},
			{
				test: {
					name: "build",
					include: ["test/build/**/*.test.ts"],
					testTimeout: 600_000,
					hookTimeout: 900_000,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: "boot",
					include: ["test/boot/**/*.test.ts"],
					globalSetup: ["test/boot/image.ts"],
					testTimeout: 900_000,
					hookTimeout: 900_000,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: "cluster",
					include: ACCEPTANCE,
					...onOneCluster,
				},
			},
			{
				test: {
					name: "trials",
					include: ["test/cluster/**/*.test.ts"],
					exclude: ["test/cluster/unit/**", ...ACCEPTANCE],
					...onOneCluster,
				},
			},
		],
	},
});
