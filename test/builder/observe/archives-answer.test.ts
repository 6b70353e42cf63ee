import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ArchiveAddress } from "../../../builder/apt/archives.ts";
import { reach } from "../../../builder/apt/reach.ts";
import { mustAnswer } from "../../../builder/observe/archives-answer.ts";
import { addressesOf, shippedBase } from "../apt/bases.ts";
import { complaintsOf, folder } from "../profile/support.ts";

/** The real apt-helper against loopback, without this machine's own proxies. */

const never = new AbortController().signal;

beforeEach(async () => {
	const dir = await folder({ "apt.conf": "" });
	vi.stubEnv("APT_CONFIG", join(await folder({ "apt.conf": `Dir::Etc "${dir}";\n` }), "apt.conf"));
	for (const name of ["http_proxy", "HTTP_PROXY", "all_proxy"]) vi.stubEnv(name, "");
});
afterEach(() => {
	vi.unstubAllEnvs();
});

async function listening(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => void server.close());
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers InRelease of these suites, 404 for all else. */
function archive(asked: string[], ...suites: string[]): Promise<string> {
	const server = createServer((request, response) => {
		asked.push(request.url!);
		const known = suites.some((suite) => request.url === suite || request.url === `/dists/${suite}/InRelease`);
		response.writeHead(known ? 200 : 404, { connection: "close" }).end(known ? "signed\n" : "");
	});
	return listening(server);
}

/** Takes connections and says nothing. */
function silent(): Promise<string> {
	const server = createTcpServer((socket) => {
		socket.on("error", () => {});
		onTestFinished(() => void socket.destroy());
	});
	return listening(server);
}

describe("one archive", () => {
	it("answers", async () => {
		const asked: string[] = [];
		expect(await reach(await archive(asked, "noble"), "noble", { patience: 4 })).toMatchObject({
			answers: true,
			refuses: false,
			reason: "",
		});
		expect(asked).toEqual(["/dists/noble/InRelease"]);
	});

	it("may be flat: a suite that ends in a slash is a folder", async () => {
		const asked: string[] = [];
		expect(await reach(await archive(asked, "/deb/InRelease"), "deb/", { patience: 4 })).toMatchObject({ answers: true });
	});

	it("refuses when it is there without the suite", async () => {
		const found = await reach(await archive([], "noble"), "jammy", { patience: 4 });
		expect(found).toMatchObject({ answers: false, refuses: true, reason: expect.stringMatching(/^404 Not Found/) });
	});

	it("is not there", async () => {
		const found = await reach("http://127.0.0.1:9", "noble", { patience: 4 });
		expect(found).toMatchObject({
			answers: false,
			refuses: false,
			reason: expect.stringMatching(/^Could not connect to 127\.0\.0\.1:9 /),
		});
		expect(found.seconds).toBeLessThan(2);
	});

	it("is silent for as long as we are patient", async () => {
		const found = await reach(await silent(), "noble", { patience: 2 });
		expect(found).toMatchObject({ answers: false, refuses: false });
		expect(found.seconds).toBeLessThan(3.5);
	});

	it("answers when it has begun to, however slow the line is", async () => {
		const server = createServer((_, response) => {
			response.writeHead(200, { "content-length": 300_000 });
			const drip = setInterval(() => response.write("x".repeat(2000)), 200);
			response.on("close", () => clearInterval(drip));
		});
		expect(await reach(await listening(server), "noble", { patience: 3 })).toMatchObject({ answers: true });
	});
});

describe("all archives of a build", () => {
	const source = (uri: string, suite = "stable") => ({
		name: "vendor",
		uris: [`${uri}/`],
		suites: [suite],
		components: ["main"],
		key: "k",
		keep: true,
	});
	const at = (archive: string, security = archive) =>
		new Map<string, ArchiveAddress>([
			["archive", { uri: archive, from: "--mirror" }],
			["security", { uri: security, from: "--mirror" }],
		]);

	it("are asked once each, for a suite of their own", async () => {
		const base = await shippedBase("ubuntu-24.04");
		const [asked, secure, vendor]: string[][] = [[], [], []];
		const addresses = at(await archive(asked!, "noble"), await archive(secure!, "noble-security"));
		await mustAnswer(base, addresses, [source(await archive(vendor!, "stable"))], never);
		expect([asked, secure, vendor]).toEqual([
			["/dists/noble/InRelease"],
			["/dists/noble-security/InRelease"],
			["/dists/stable/InRelease"],
		]);
	});

	it("that are one mirror are asked once", async () => {
		const asked: string[] = [];
		await mustAnswer(await shippedBase("ubuntu-24.04"), at(await archive(asked, "noble")), [], never);
		expect(asked).toEqual(["/dists/noble/InRelease"]);
	});

	it("that are dead are all named, each with what to do", async () => {
		const base = await shippedBase("ubuntu-24.04");
		const problems = await complaintsOf(() =>
			mustAnswer(base, at("http://127.0.0.1:9/u", "http://127.0.0.1:7/s"), [source("http://127.0.0.1:5")], never),
		);
		expect(problems).toEqual([
			expect.stringMatching(
				/^ubuntu-24\.04's archive cannot be used: Could not connect .* \(tried http:\/\/127\.0\.0\.1:9\/u for \d\.\d s\) \(another mirror: --mirror URL;/,
			),
			expect.stringMatching(/^ubuntu-24\.04's security archive cannot be used: .* \(another mirror: --mirror security=URL;/),
			expect.stringMatching(/^apt source "vendor" cannot be used: .* \(correct its uris/),
		]);
	});

	it("that answer without the suite are left to apt, which says more", async () => {
		await mustAnswer(await shippedBase("ubuntu-24.04"), at(await archive([])), [], never);
	});

	it("on this machine's own disks are not asked", async () => {
		const base = await shippedBase("ubuntu-24.04");
		await mustAnswer(base, await addressesOf(base, "copy:/nonexistent"), [source("file:/nonexistent")], never);
	});
});
