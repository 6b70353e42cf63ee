import { posix } from "node:path";
import type { Problem } from "../../core/errors.ts";
import type { RenderedFile } from "./types.ts";

/** One path written twice, or a file where another one needs a folder: never a silent choice of one of the two. */
export function clashes(files: readonly RenderedFile[]): Problem[] {
	const first = new Map<string, RenderedFile>();
	const problems: Problem[] = [];
	for (const file of files) {
		const other = first.get(file.path);
		if (other) problems.push(twice(file, other));
		else first.set(file.path, file);
	}
	for (const file of first.values()) {
		const other = ancestors(file.path).map((path) => first.get(path));
		problems.push(...other.filter((above) => above !== undefined).map((above) => inside(file, above)));
	}
	return problems;
}

function twice(file: RenderedFile, other: RenderedFile): Problem {
	const who =
		file.overlay === other.overlay
			? `overlay "${file.overlay}" writes`
			: `overlays "${other.overlay}" and "${file.overlay}" both write`;
	return {
		message: `${who} ${file.path}${file.overlay === other.overlay ? " twice" : ""}: ${other.source} and ${file.source}`,
		where: { file: file.source },
		fix: "remove one of the two, or leave one overlay out of the profile",
	};
}

function inside(file: RenderedFile, above: RenderedFile): Problem {
	return {
		message: `overlay "${file.overlay}" writes ${file.path}, but ${above.path} is a ${above.target === undefined ? "file" : "link"} of overlay "${above.overlay}"`,
		where: { file: file.source },
		fix: "one of the two has to move",
	};
}

function ancestors(path: string): string[] {
	const above = posix.dirname(path);
	return above === "/" ? [] : [above, ...ancestors(above)];
}
