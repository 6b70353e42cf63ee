import fc from "fast-check";
import { load } from "js-yaml";
import { describe, expect, it } from "vitest";
import { renderSeed, type SeedSpec } from "../../cloud-init/seed.ts";

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
		"{% raw %}",
		"## template: jinja",
		"#cloud-config",
		"\n---\n",
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

const anySpec: fc.Arbitrary<SeedSpec> = fc.record({
	instanceId: awkward,
	hostname: awkward,
	users: fc.array(fc.record({ name: awkward, keys: fc.array(awkward, { maxLength: 3 }), sudo: fc.boolean() }), { maxLength: 3 }),
	files: fc.array(fc.record({ path: awkward, content: awkward, mode: fc.constantFrom(0o600, 0o644, 0o755) }), { maxLength: 3 }),
});

describe("renderSeed", () => {
	it("gives a NoCloud seed", () => {
		expect(renderSeed(minimal)).toEqual({
			"meta-data": '{\n  "instance-id": "lab-n1-1",\n  "local-hostname": "n1"\n}\n',
			"user-data": expect.stringMatching(/^#cloud-config\n\{/),
		});
	});

	it("locks passwords, and gives sudo only to those who have it", () => {
		const guest = { name: "guest", keys: [], sudo: false };
		const { users } = load(renderSeed({ ...minimal, users: [...minimal.users, guest] })["user-data"]) as { users: object[] };
		expect(users[0]).toMatchObject({ name: "clusteros", lock_passwd: true, sudo: "ALL=(ALL) NOPASSWD:ALL" });
		expect(users[1]).not.toHaveProperty("sudo");
		expect(users[1]).toMatchObject({ lock_passwd: true });
	});

	it("writes modes as octal text: 0600 as a number would be read as 384 or 600", () => {
		const files = [{ path: "/etc/clusteros/secrets.json", content: "{}", mode: 0o600 }];
		expect(renderSeed({ ...minimal, files })["user-data"]).toContain('"permissions": "0600"');
	});

	it("has no empty list: cloud-init's schema refuses them", () => {
		const users = [{ name: "guest", keys: [], sudo: false }];
		expect(load(renderSeed({ ...minimal, users: [], files: [] })["user-data"])).toEqual({});
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
				expect(seed["user-data"].startsWith("#cloud-config\n{")).toBe(true);
				expect(load(seed["meta-data"])).toEqual({ "instance-id": spec.instanceId, "local-hostname": spec.hostname });
				const data = load(seed["user-data"]) as { [list in "users" | "write_files"]?: Record<string, unknown>[] };
				expect((data.users ?? []).map((user) => [user.name, user.ssh_authorized_keys ?? []])).toEqual(
					spec.users.map((user) => [user.name, user.keys]),
				);
				expect((data.write_files ?? []).map((file) => [file.path, file.content])).toEqual(
					spec.files!.map((file) => [file.path, file.content]),
				);
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
});
