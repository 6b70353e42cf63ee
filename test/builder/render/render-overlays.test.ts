import { describe, expect, it } from "vitest";
import { renderOverlays } from "../../../builder/render/render-overlays.ts";
import type { TemplateContext } from "../../../builder/render/types.ts";
import { contexts } from "../../overlays/contexts.ts";
import { type Made, Overlays } from "./scratch-overlay.ts";

const context = contexts["debian-13"]!;

async function render(made: readonly Made[], values: Partial<TemplateContext> = {}) {
	await using overlays = await Overlays.create();
	const sources = [];
	for (const one of made) sources.push(await overlays.add(one));
	return renderOverlays(sources, { ...context, ...values });
}

const one = async (made: Made, values: Partial<TemplateContext> = {}) => (await render([made], values))[0]!;

describe("renderOverlays", () => {
	it("renders templates, drops their suffix and takes other files byte for byte", async () => {
		const files = await render([
			{ rootfs: { "etc/b.conf.hbs": "speed={{console.speed}} <&>\n", "etc/a.conf": "{{not.a.template}}\n" } },
		]);
		expect(files.map((file) => [file.path, file.content!.toString()])).toEqual([
			["/etc/a.conf", "{{not.a.template}}\n"],
			["/etc/b.conf", "speed=115200 <&>\n"],
		]);
		expect(files[1]).toMatchObject({ overlay: "site", source: expect.stringMatching(/site\/rootfs\/etc\/b\.conf\.hbs$/) });
	});

	it("escapes nothing for HTML", async () => {
		const file = await one({ rootfs: { "x.hbs": "{{settings.motd}}" } }, { settings: { motd: `<b> & "quoted" 'text'` } });
		expect(file.content!.toString()).toBe(`<b> & "quoted" 'text'`);
	});

	it("quotes a word for a shell where asked", async () => {
		const file = await one({ rootfs: { "x.hbs": "A={{shell settings.a}}" } }, { settings: { a: "it's $HOME `x`" } });
		expect(file.content!.toString()).toBe(`A='it'\\''s $HOME \`x\`'`);
	});

	it("renders the name of a template too", async () => {
		const file = await one({ rootfs: { "etc/{{base.distribution}}.sources.hbs": "x" } });
		expect(file.path).toBe("/etc/debian.sources");
	});

	it("derives what GRUB needs: no root, and a serial terminal only for PC ports", async () => {
		const template = { rootfs: { "x.hbs": "{{grub.args}}|{{grub.terminal}}|{{grub.serial_command}}" } };
		const cmdline = "root=UUID=1 ro console=ttyS1,9600 quiet";
		const pc = await one(template, { cmdline, console: { serial: "ttyS1", speed: 9600 } });
		expect(pc.content!.toString()).toBe("console=ttyS1,9600 quiet|console serial|serial --unit=1 --speed=9600");
		const arm = await one(template, { cmdline, console: { serial: "ttyAMA0", speed: 9600 } });
		expect(arm.content!.toString()).toBe("console=ttyS1,9600 quiet|console|");
	});

	it("gives 0644, 0755 to what is executable, and what overlay.toml says", async () => {
		const files = await render([
			{
				rootfs: { "a/plain": "", "b/run": "", "c/secret.hbs": "", "d/run": "" },
				executable: ["b/run", "d/run"],
				toml: '[files]\n"/c/secret" = { mode = "0640", group = "slurm" }\n"/d/run" = { owner = "munge" }\n',
			},
		]);
		expect(files.map(({ path, mode, owner, group }) => `${path} ${mode.toString(8)} ${owner}:${group}`)).toEqual([
			"/a/plain 644 root:root",
			"/b/run 755 root:root",
			"/c/secret 640 root:slurm",
			"/d/run 755 munge:root",
		]);
	});

	it("takes links from overlay.toml and from rootfs", async () => {
		const files = await render([{ rootfs: { "etc/x": "" }, links: { "etc/y": "x" }, toml: '[links]\n"/etc/z" = "../run/z"\n' }]);
		expect(files.map((file) => [file.path, file.target])).toEqual([
			["/etc/x", undefined],
			["/etc/y", "x"],
			["/etc/z", "../run/z"],
		]);
	});

	it("takes an overlay without rootfs", async () => {
		expect(await render([{ toml: '[units]\nenable = ["x.service"]\n' }])).toEqual([]);
	});
});
