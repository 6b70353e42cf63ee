import { join } from "node:path";
import { type Problem, UserError } from "../../core/errors.ts";
import { clashes } from "./clashes.ts";
import { strayEntries } from "./overlay-rules.ts";
import { type RootfsFile, readRootfs } from "./rootfs.ts";
import { scopeOf } from "./scope.ts";
import { makeRenderer, type Render } from "./template.ts";
import type { OverlaySource, RenderedFile, TemplateContext } from "./types.ts";

/** Reads nothing but the overlays, writes nothing. */
interface Work {
	readonly render: Render;
	readonly scope: object;
	readonly problems: Problem[];
}

/**
 * Everything that the overlays put into the image, sorted by path.
 * @throws UserError with every problem of every overlay: undefined variables, syntax, one path written twice, stray entries.
 */
export async function renderOverlays(overlays: readonly OverlaySource[], context: TemplateContext): Promise<RenderedFile[]> {
	const work: Work = { render: await makeRenderer(), scope: scopeOf(context), problems: [] };
	const rendered: RenderedFile[] = [];
	for (const overlay of overlays) rendered.push(...(await renderOverlay(overlay, work)));
	const problems = [...work.problems, ...clashes(rendered)];
	if (problems.length > 0) throw new UserError("invalid", problems);
	return rendered.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function renderOverlay(from: OverlaySource, work: Work): Promise<RenderedFile[]> {
	const sources = await readRootfs(join(from.dir, "rootfs"));
	const files = sources.flatMap((source) => renderFile(source, from, work));
	work.problems.push(...(await strayEntries(from, files)));
	return [...files, ...linksOf(from)];
}

function renderFile(source: RootfsFile, from: OverlaySource, work: Work): RenderedFile[] {
	if (source.kind === "other") {
		work.problems.push({ message: "an overlay holds files, folders and links only", where: { file: source.source } });
		return [];
	}
	const path = textOf(source.path, source, work);
	const common = { path, overlay: from.name, source: source.source };
	if (source.kind === "link") return [{ ...common, target: source.target, mode: 0o777, owner: "root", group: "root" }];
	const content = source.kind === "template" ? Buffer.from(textOf(source.bytes.toString("utf8"), source, work)) : source.bytes;
	return [{ ...common, ...attributes(from, path, source.executable), content }];
}

/** A template's text or name with its values; problems are noted, and the text stays as it is. */
function textOf(text: string, source: RootfsFile, work: Work): string {
	if (source.kind !== "template") return text;
	const result = work.render(text, source.source, work.scope);
	if ("text" in result) return result.text;
	work.problems.push(...result.problems);
	return text;
}

function attributes(from: OverlaySource, path: string, executable: boolean): Pick<RenderedFile, "mode" | "owner" | "group"> {
	const said = from.overlay.files[path];
	const mode = said?.mode === undefined ? (executable ? 0o755 : 0o644) : Number.parseInt(said.mode, 8);
	return { mode, owner: said?.owner ?? "root", group: said?.group ?? "root" };
}

function linksOf(from: OverlaySource): RenderedFile[] {
	const source = join(from.dir, "overlay.toml");
	return Object.entries(from.overlay.links).map(([path, target]) => {
		return { path, target, mode: 0o777, owner: "root", group: "root", overlay: from.name, source };
	});
}
