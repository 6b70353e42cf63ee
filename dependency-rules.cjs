// Which room may import which (docs: CONTRIBUTING.md). A room's way to another is plain data in core/contract.
const ROOMS = "^(core|builder|agent|qemu|cluster|cloud-init)/";

/** Rooms that stand alone: core is all they know. */
const alone = ["agent", "qemu", "cluster", "cloud-init"].map((room) => ({
	name: `${room}-knows-only-core`,
	severity: "error",
	from: { path: `^${room}/` },
	to: { path: ROOMS, pathNot: `^(${room}|core)/` },
}));

module.exports = {
	forbidden: [
		{
			name: "core-knows-nobody",
			comment: "What everybody imports must not pull anything in.",
			severity: "error",
			from: { path: "^core/" },
			to: { path: ROOMS, pathNot: "^core/" },
		},
		...alone,
		{
			name: "builder-knows-only-core",
			comment: "builder/cli puts the rooms together; the pipeline itself works without them.",
			severity: "error",
			from: { path: "^builder/", pathNot: "^builder/cli/" },
			to: { path: ROOMS, pathNot: "^(core|builder)/" },
		},
		{
			name: "only-main-knows-the-command-line",
			severity: "error",
			from: { path: "^builder/", pathNot: "^builder/cli/" },
			to: { path: "^builder/cli/" },
		},
		{
			name: "inside-is-small",
			comment: "What runs in the build namespace is one file of its own: tools, and nothing that plans, stores or reports.",
			severity: "error",
			from: { path: "^builder/inside/" },
			to: { path: "^builder/(cli|plan|apply|store|profile|preflight|namespace|publish|observe|ui)/" },
		},
		{
			name: "one-door-for-processes",
			comment: "core/process/run.ts drains, scrubs, logs and explains; nobody else starts captured programs.",
			severity: "error",
			from: { path: ROOMS, pathNot: "^core/process/" },
			to: { path: "^execa$|node_modules/execa/" },
		},
		{
			name: "no-cycles",
			severity: "error",
			from: {},
			to: { circular: true },
		},
		{
			name: "no-orphans",
			comment: "A module that imports nothing and that nothing imports is left over.",
			severity: "error",
			from: { path: ROOMS, orphan: true },
			to: {},
		},
		{
			name: "nothing-from-tests",
			severity: "error",
			from: { path: ROOMS },
			to: { path: "^test/" },
		},
		{
			name: "no-development-packages",
			comment: "An installed package has no devDependencies.",
			severity: "error",
			from: { path: ROOMS },
			to: {
				dependencyTypes: ["npm-dev"],
				dependencyTypesNot: ["npm", "npm-optional", "type-only"],
				pathNot: "node_modules/@types/",
			},
		},
		{
			name: "everything-resolves",
			severity: "error",
			from: { path: ROOMS },
			to: { couldNotResolve: true },
		},
	],
	options: {
		doNotFollow: { path: "node_modules" },
		// The command names the root, not the rooms: those that are empty so far are not in a clone.
		exclude: { path: "^(dist|out|coverage)/" },
		tsPreCompilationDeps: true,
		tsConfig: { fileName: "tsconfig.json" },
		enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "require", "node", "default", "types"] },
	},
};
