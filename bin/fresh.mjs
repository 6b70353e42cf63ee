// Whether node_modules/ and dist/ still belong to what lies in the checkout. Runs at every start: milliseconds count.
import { readdirSync, readFileSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

const SOURCES = ["core", "builder", "agent", "qemu", "cluster", "cloud-init"];

/**
 * Whether node_modules holds what package-lock.json asks for. npm notes what it installed in node_modules/.package-lock.json:
 * newer than the lock is enough; a lock that is newer (a fresh checkout, another branch) is compared.
 */
export function modulesAreFresh(root) {
	const lock = join(root, "package-lock.json");
	const installed = join(root, "node_modules/.package-lock.json");
	const times = [lock, installed].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs);
	if (times[0] === undefined || times[1] === undefined) return false;
	if (times[1] >= times[0]) return true;
	if (!sameLocks(JSON.parse(readFileSync(lock, "utf8")), JSON.parse(readFileSync(installed, "utf8")))) return false;
	try {
		utimesSync(installed, new Date(), new Date());
	} catch {
		// Another user's checkout: compared again next time.
	}
	return true;
}

function sameLocks(wanted, installed) {
	return Object.entries(wanted.packages).every(([path, want]) => {
		if (path === "") return true;
		const have = installed.packages[path];
		// Optional packages for other platforms are in the lock only.
		return have === undefined ? want.optional === true : have.version === want.version && have.integrity === want.integrity;
	});
}

/** Whether dist/ was bundled from the sources as they are. */
export function bundleIsFresh(root) {
	try {
		return readFileSync(join(root, "dist/.stamp"), "utf8") === sourceStamp(root);
	} catch {
		return false;
	}
}

/** A line a file that shapes dist/: path, size, time. */
export function sourceStamp(root) {
	const files = ["package-lock.json", "bin/bundle.mjs", ...SOURCES.flatMap((dir) => sourcesBelow(root, dir))];
	return files.map((file) => stampLine(root, file)).join("");
}

function sourcesBelow(root, dir) {
	let entries;
	try {
		entries = readdirSync(join(root, dir), { withFileTypes: true });
	} catch {
		return [];
	}
	entries.sort((a, b) => (a.name < b.name ? -1 : 1));
	return entries.flatMap((entry) => {
		const path = `${dir}/${entry.name}`;
		return entry.isDirectory() ? sourcesBelow(root, path) : /\.(ts|json)$/.test(path) ? [path] : [];
	});
}

function stampLine(root, file) {
	const found = statSync(join(root, file), { throwIfNoEntry: false });
	return `${file} ${found?.size} ${found?.mtimeMs}\n`;
}
