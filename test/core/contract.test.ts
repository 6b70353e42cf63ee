import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import toml from "@iarna/toml";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { baseFile } from "../../core/contract/base.ts";
import { clusterFile } from "../../core/contract/cluster.ts";
import { clusterState } from "../../core/contract/cluster-state.ts";
import { manifest } from "../../core/contract/manifest.ts";
import { overlayFile } from "../../core/contract/overlay.ts";
import { planDocument } from "../../core/contract/plan.ts";
import { profileFile } from "../../core/contract/profile.ts";
import { PURPOSES } from "../../core/contract/purposes.ts";
import { secretsFile } from "../../core/contract/secrets.ts";
import { announcement, seedCluster, seedSecrets } from "../../core/contract/seed.ts";
import { nodeStatus } from "../../core/contract/status.ts";

const EXAMPLES = join(import.meta.dirname, "../../core/contract/examples");

const SCHEMAS: Record<string, z.ZodType> = {
	"announcement.json": announcement,
	"cluster.toml": clusterFile,
	"cluster-state.json": clusterState,
	"manifest.json": manifest,
	"overlay.toml": overlayFile,
	"plan.json": planDocument,
	"profile.toml": profileFile,
	"secrets.toml": secretsFile,
	"seed-cluster.json": seedCluster,
	"seed-secrets.json": seedSecrets,
	"status.json": nodeStatus,
};

function read(file: string): Record<string, unknown> {
	const text = readFileSync(file, "utf8");
	return file.endsWith(".toml") ? toml.parse(text) : (JSON.parse(text) as Record<string, unknown>);
}

describe("contracts", () => {
	it("have an example each, and no example is without its contract", () => {
		expect(readdirSync(EXAMPLES).toSorted()).toEqual(Object.keys(SCHEMAS).toSorted());
	});

	describe.each(Object.entries(SCHEMAS))("%s", (name, schema) => {
		const example = () => read(join(EXAMPLES, name));

		it("holds its example", () => {
			expect(schema.safeParse(example()).error).toBeUndefined();
		});

		it("refuses a key that it does not know", () => {
			expect(schema.safeParse({ ...example(), surprise: 1 }).success).toBe(false);
		});

		it("refuses another version by name", () => {
			const versioned = name === "announcement.json" ? { v: 2 } : { version: 2 };
			const result = schema.safeParse({ ...example(), ...versioned });
			expect(result.error?.issues.map((issue) => issue.path.join("."))).toContain(Object.keys(versioned)[0]);
		});
	});

	it("describes every base", () => {
		const dir = join(import.meta.dirname, "../../profiles/bases");
		const files = readdirSync(dir).filter((file) => file.endsWith(".toml"));
		expect(files).toEqual(expect.arrayContaining(["debian-13.toml", "ubuntu-24.04.toml"]));
		for (const file of files) expect(baseFile.safeParse(read(join(dir, file))).error, file).toBeUndefined();
	});

	it("never has the master key in a seed", () => {
		const keys = Object.keys(seedSecrets.shape);
		expect(keys).not.toContain("master");
		expect(Object.keys(PURPOSES)).toEqual(
			seedSecrets.shape.keys.element.shape.purpose.options.toSorted(
				(a, b) => Object.keys(PURPOSES).indexOf(a) - Object.keys(PURPOSES).indexOf(b),
			),
		);
	});

	it("takes a master key of 32 bytes only", () => {
		const secrets = read(join(EXAMPLES, "secrets.toml"));
		expect(secretsFile.safeParse({ ...secrets, master: "AAEC" }).success).toBe(false);
	});
});
