import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { renderSeed as render, type SeedSpec } from "../../cloud-init/seed.ts";
import { partsOf } from "./parts.ts";
import { TEMPLATES } from "./templates.ts";

const renderSeed = (spec: SeedSpec) => render(spec, TEMPLATES);

const minimal: SeedSpec = {
	instanceId: "lab-n1-1",
	hostname: "n1",
	users: [{ name: "clusteros", keys: ["ssh-ed25519 AAAA me@here"], sudo: true }],
};

/** Text that breaks templates and careless quoting, and text of every other kind. */
const awkward = fc.oneof(
	fc.constantFrom(
		'"',
		"'",
		"a: b",
		"- x",
		"{{ds.meta_data}}",
		"{{yaml users}}",
		"{% raw %}",
		"## template: jinja",
		"#cloud-config",
		"\n---\n",
		"a\n  b\n",
		"\\",
		"\t",
		" lead",
		"yes",
		"0123",
	),
	fc.constantFrom(
		"null",
		"~",
		"1e3",
		"12:30:45",
		"!!python/object:os.system",
		"&a *a",
		"%YAML 1.1",
		"\u0085",
		"\u2028",
		"\u007f",
		"\u009b",
		"\ufeff",
		"é",
		"😀",
	),
	fc.string({ unit: "binary" }),
	fc.string({ unit: "grapheme" }),
);

const anyUser = fc.record({
	name: awkward,
	uid: fc.integer({ min: 1000, max: 60_000 }),
	keys: fc.array(awkward, { maxLength: 3 }),
	sudo: fc.boolean(),
});

const anySpec = fc.record({
	instanceId: awkward,
	hostname: awkward,
	users: fc.array(anyUser, { minLength: 1, maxLength: 3 }),
	files: fc.array(fc.record({ path: awkward, content: awkward, mode: fc.constantFrom(0o600, 0o644, 0o755) }), { maxLength: 3 }),
	network: fc.record({
		version: fc.constant(2 as const),
		// YAML and JavaScript differ in what such a key means.
		ethernets: fc.dictionary(
			awkward.filter((key) => key !== "__proto__"),
			fc.record({ match: fc.record({ macaddress: awkward }) }),
			{ minKeys: 1, maxKeys: 2 },
		),
	}),
});

describe("renderSeed", () => {
	it("gives a NoCloud seed", () => {
		expect(renderSeed(minimal)).toEqual({
			"meta-data": 'instance-id: "lab-n1-1"\nlocal-hostname: "n1"\n',
			"user-data": expect.stringMatching(/^#cloud-config\n/),
		});
	});

	it("leaves the host name out of a seed for many", () => {
		const { hostname: _, ...many } = minimal;
		expect(load(renderSeed(many)["meta-data"])).toEqual({ "instance-id": "lab-n1-1" });
	});

	it("locks passwords, and gives sudo only to those who have it", () => {
		const guest = { name: "guest", uid: 2001, keys: [], sudo: false };
		const { users } = load(renderSeed({ ...minimal, users: [...minimal.users, guest] })["user-data"]) as { users: object[] };
		expect(users[0]).toMatchObject({ name: "clusteros", lock_passwd: true, sudo: "ALL=(ALL) NOPASSWD:ALL" });
		expect(users[0]).not.toHaveProperty("uid");
		expect(users[1]).not.toHaveProperty("sudo");
		expect(users[1]).toMatchObject({ uid: 2001, lock_passwd: true });
	});

	it("writes modes as octal text: 0600 as a number would be read as 384 or 600", () => {
		const files = [{ path: "/etc/clusteros/secrets.json", content: "{}", mode: 0o600 }];
		expect(renderSeed({ ...minimal, files })["user-data"]).toContain('"permissions": "0600"');
	});

	it("has no empty list: cloud-init's schema refuses them", () => {
		const users = [{ name: "guest", keys: [], sudo: false }];
		expect(renderSeed({ ...minimal, users: [], files: [] })["user-data"]).not.toMatch(/^[^#]/m);
		expect(renderSeed({ ...minimal, users })["user-data"]).not.toContain("[]");
	});

	it("has a network-config only when one is given", () => {
		expect(renderSeed(minimal)).not.toHaveProperty("network-config");
		const network = { version: 2, ethernets: { lan: { match: { macaddress: "52:54:00:12:34:56" }, dhcp4: true } } } as const;
		expect(load(renderSeed({ ...minimal, network })["network-config"]!)).toEqual(network);
	});

	it("reads back as what was put in, whatever that is", () => {
		fc.assert(
			fc.property(anySpec, (spec) => {
				const seed = renderSeed(spec);
				expect(load(seed["meta-data"])).toEqual({ "instance-id": spec.instanceId, "local-hostname": spec.hostname });
				const data = load(seed["user-data"]) as { [list in "users" | "write_files"]?: Record<string, unknown>[] };
				expect((data.users ?? []).map((user) => [user.name, user.uid, user.ssh_authorized_keys ?? []])).toEqual(
					spec.users.map((user) => [user.name, user.uid, user.keys]),
				);
				expect((data.write_files ?? []).map((file) => [file.path, file.content])).toEqual(
					spec.files.map((file) => [file.path, file.content]),
				);
				expect(load(seed["network-config"]!)).toEqual(spec.network);
			}),
			{ numRuns: 500 },
		);
	});

	it("leaves no character that PyYAML refuses or takes for a line break", () => {
		fc.assert(
			fc.property(anySpec, (spec) => {
				const text = Object.values(renderSeed(spec)).join("");
				expect(text).not.toMatch(/[^\n\x20-\x7e\u00a1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]/u);
			}),
		);
	});

	it("puts values in through the helper that serialises them, and in no other way", () => {
		for (const template of Object.values(TEMPLATES)) {
			const used = [...template.matchAll(/\{\{(.*?)\}\}/g)].map(([, inside]) => inside!);
			expect(used.filter((inside) => !/^(#(if|each) |\/(if|each)$|yaml @?[\w.]+$)/.test(inside))).toEqual([]);
		}
	});
});

describe("the site's own user-data", () => {
	const parts = (userData: string) => partsOf(renderSeed({ ...minimal, userData })["user-data"]);

	it("follows ours as a part of its own, verbatim, whatever it holds", () => {
		const ours = renderSeed(minimal)["user-data"];
		fc.assert(
			fc.property(
				awkward.filter((text) => text !== ""),
				(text) => {
					const [first, second, ...more] = parts(text);
					expect(more).toEqual([]);
					expect(first).toMatchObject({ type: "text/cloud-config", text: ours });
					// A lone surrogate is no character: UTF-8 has none.
					expect(second!.text).toBe(Buffer.from(text).toString());
				},
			),
		);
	});

	it.each([
		["timezone: UTC\n", "text/cloud-config"],
		["# the site's\ntimezone: UTC\n", "text/cloud-config"],
		["#cloud-config\ntimezone: UTC\n", "text/plain"],
		["#!/bin/sh\ntrue\n", "text/plain"],
		["## template: jinja\n#cloud-config\n", "text/plain"],
	])("%j goes as %s: cloud-init tells marked text by itself", (text, type) => {
		expect(parts(text)[1]).toMatchObject({ type });
	});

	it("adds to our lists: a site's users do not replace ours", () => {
		expect(parts("users: []")[1]!.headers["Merge-Type"]).toBe("list(append)+dict(no_replace,recurse_list)+str()");
		expect(parts("users: []")[0]!.headers).not.toHaveProperty("Merge-Type");
	});
});
