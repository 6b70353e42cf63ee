import { describe, expect, it } from "vitest";
import { renderOverlays } from "../../../builder/render/render-overlays.ts";
import { type Problem, UserError } from "../../../core/errors.ts";
import { contexts } from "../../overlays/contexts.ts";
import { type Made, Overlays } from "./scratch-overlay.ts";

/** What a build with these overlays is refused for, with file names shortened to what follows the scratch folder. */
async function problemsOf(...made: Made[]): Promise<(Omit<Problem, "where"> & { at: string })[]> {
	await using overlays = await Overlays.create();
	const sources = [];
	for (const one of made) sources.push(await overlays.add(one));
	const error: unknown = await renderOverlays(sources, contexts["debian-13"]!).catch((caught: unknown) => caught);
	if (!(error instanceof UserError)) throw new Error(`no UserError: ${error}`);
	expect(error.kind).toBe("invalid");
	const short = (text: string) => text.replaceAll(/\/\S*clusteros-overlays-\w+\//g, "");
	return error.problems.map(({ where, ...problem }) => ({
		...problem,
		message: short(problem.message),
		at: [short(where!.file), where!.line, where!.column].filter(Boolean).join(":"),
	}));
}

describe("a template", () => {
	it("that uses an undefined variable is refused, with its place and the nearest name", async () => {
		expect(await problemsOf({ rootfs: { "etc/x.hbs": "a\nb {{consol.speed}}\n" } })).toEqual([
			{
				message: 'template uses an undefined variable "consol.speed"',
				path: "consol.speed",
				at: "site/rootfs/etc/x.hbs:2:5",
				fix: 'did you mean "console.speed"?',
			},
		]);
	});

	it("tells all its wrong names at once, also in a branch not taken, in blocks and as arguments", async () => {
		const text = "{{#if ssh.root_login}}{{nope}}{{/if}}\n{{#if ssh.rot_login}}x{{/if}}\n{{shell kernel.arg}} {{console.baud}}";
		const found = await problemsOf({ rootfs: { "x.hbs": text } });
		expect(found.map((problem) => `${problem.at} ${problem.path}`)).toEqual([
			"site/rootfs/x.hbs:1:25 nope",
			"site/rootfs/x.hbs:2:7 ssh.rot_login",
			"site/rootfs/x.hbs:3:9 kernel.arg",
			"site/rootfs/x.hbs:3:24 console.baud",
		]);
	});

	it("finds an undefined name inside each", async () => {
		const [problem] = await problemsOf({ rootfs: { "x.hbs": "{{#with console}}\n{{sped}}{{/with}}" } });
		expect(problem).toMatchObject({ message: 'template uses an undefined variable "sped"', at: "site/rootfs/x.hbs:2:3" });
	});

	it("that asks for a setting nobody gave is told where settings come from", async () => {
		const [problem] = await problemsOf({ rootfs: { "x.hbs": "{{settings.motd}}" } });
		expect(problem!.fix).toBe("define it in the profile's [settings]");
	});

	it("takes nothing from JavaScript's own objects", async () => {
		const found = await problemsOf({ rootfs: { "x.hbs": "{{constructor}} {{profile.toString}} {{profile.__proto__}}" } });
		expect(found).toHaveLength(3);
	});

	it("with an unknown helper is refused", async () => {
		const [problem] = await problemsOf({ rootfs: { "x.hbs": "{{shel arch}}" } });
		expect(problem).toEqual({
			message: 'template uses an unknown helper "shel"',
			at: "site/rootfs/x.hbs:1:3",
			fix: 'did you mean "shell"?',
		});
	});

	it("with an open block is told so in words", async () => {
		const [problem] = await problemsOf({ rootfs: { "x.hbs": "{{#if arch}}" } });
		expect(problem!.message).toBe("template syntax error: a {{#block}} is never closed");
	});

	it.each([
		["a block left open", "a\n{{#if arch}}\nb", 3],
		["a block closed by another name", "a\n{{#if arch}}b{{/each}}", 2],
		["an open brace", "{{arch}}\n{{ arch\n", 2],
		["a wrong character", "a\n\n{{arch!}}{{=x}}", 3],
	])("with a syntax error is refused by file and line: %s", async (_, text, line) => {
		const [problem] = await problemsOf({ rootfs: { "x.hbs": text } });
		expect(problem!.message).toMatch(/^template syntax error: \S/);
		expect(problem!.at).toMatch(new RegExp(`^site/rootfs/x\\.hbs:${line}(:|$)`));
	});
});

describe("overlays together", () => {
	it("may not both write one path, whether as file, template or link", async () => {
		const base = { name: "base", rootfs: { "etc/motd": "x", "etc/issue": "x" } };
		const site = { rootfs: { "etc/motd.hbs": "y" }, toml: '[links]\n"/etc/issue" = "motd"\n' };
		expect(await problemsOf(base, site)).toMatchObject([
			{
				message: 'overlays "base" and "site" both write /etc/motd: base/rootfs/etc/motd and site/rootfs/etc/motd.hbs',
				fix: expect.stringContaining("remove one"),
			},
			{ message: expect.stringContaining('overlays "base" and "site" both write /etc/issue') },
		]);
	});

	it("may not put a file below another one's file or link", async () => {
		const [problem] = await problemsOf(
			{ name: "base", toml: '[links]\n"/etc/slurm" = "/srv/slurm"\n' },
			{ rootfs: { "etc/slurm/x/y": "" } },
		);
		expect(problem!.message).toBe('overlay "site" writes /etc/slurm/x/y, but /etc/slurm is a link of overlay "base"');
	});

	it("are told of a path that one of them writes twice", async () => {
		const [problem] = await problemsOf({ rootfs: { "etc/motd": "x", "etc/motd.hbs": "y" } });
		expect(problem!.message).toMatch(/^overlay "site" writes \/etc\/motd twice: /);
	});
});

describe("overlay.toml", () => {
	it("may not name a file that is not there", async () => {
		const toml =
			'[files]\n"/etc/secrt" = { mode = "0600" }\n"/etc/secret.hbs" = { mode = "0600" }\n"/opt/far/away" = { mode = "0600" }\n';
		expect(await problemsOf({ rootfs: { "etc/secret.hbs": "" }, toml })).toEqual([
			{
				message: "/etc/secrt is not in this overlay's rootfs",
				at: "site/overlay.toml:4:1",
				path: 'files."/etc/secrt"',
				fix: 'did you mean "/etc/secret"?',
			},
			{
				message: "/etc/secret.hbs is not in this overlay's rootfs",
				at: "site/overlay.toml:5:1",
				path: 'files."/etc/secret.hbs"',
				fix: "name it as it is in the image: /etc/secret",
			},
			{
				message: "/opt/far/away is not in this overlay's rootfs",
				at: "site/overlay.toml:6:1",
				path: 'files."/opt/far/away"',
				fix: "add it below rootfs/, or take the entry out",
			},
		]);
	});

	it("may not leave the image's root or write a path in two ways", async () => {
		const found = await problemsOf({ toml: '[links]\n"/etc/../../x" = "y"\n"/etc/z/" = "y"\n' });
		expect(found.map((problem) => problem.fix)).toEqual(["write it as /x", "write it as /etc/z"]);
	});
});

it("tells the problems of all overlays at once", async () => {
	const found = await problemsOf(
		{ name: "a", rootfs: { "x.hbs": "{{nope}}" } },
		{ name: "b", rootfs: { "y.hbs": "{{#if}}", x: "" } },
	);
	expect(found.map((problem) => problem.at)).toEqual([
		"a/rootfs/x.hbs:1:3",
		expect.stringMatching(/^b\/rootfs\/y\.hbs:1/),
		"b/rootfs/x",
	]);
});
