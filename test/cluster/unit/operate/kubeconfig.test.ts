import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load } from "js-yaml";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Access, readAccess } from "../../../../cluster/operate/kubeconfig.ts";
import { asKubeconfig, type Kubeconfig, kubeconfigOf } from "../../../../cluster/operate/kubeconfig-file.ts";
import { kubeconfigFile, mergeInto, yamlOf } from "../../../../cluster/operate/kubeconfig-merge.ts";
import type { LinkOptions, Reached } from "../../../../cluster/reach/types.ts";
import { ToolError } from "../../../../core/errors.ts";

const access: Access = { ca: "Y2E=", cert: "Y2VydA==", key: "a2V5", server: "https://127.0.0.1:40001" };
const ours = (name: string, more: Partial<Access> = {}) => kubeconfigOf({ ...access, ...more }, name, "id of lab");

/** As k3s v1.36 writes it. */
const K3S_YAML = `apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: ${access.ca}
    server: https://127.0.0.1:6443
  name: default
contexts:
- context:
    cluster: default
    user: default
  name: default
current-context: default
kind: Config
users:
- name: default
  user:
    client-certificate-data: ${access.cert}
    client-key-data: ${access.key}
`;

/** Somebody's own, with what a parser that knows less could lose. */
const THEIRS = `# by hand
apiVersion: v1
kind: Config
preferences: {}
clusters:
- name: work
  cluster: {server: "https://10.0.0.1:6443", insecure-skip-tls-verify: true}
users:
- name: me
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: aws
      args: ["eks", "--yes", "on", "012", "1e3"]
contexts:
- name: work
  context: {cluster: work, user: me, namespace: team}
current-context: work
`;

describe("merging", () => {
	let dir: string;
	let file: string;
	beforeEach(async () => {
		dir = await mkdtemp(join(tmpdir(), "kube-"));
		file = join(dir, ".kube/config");
	});
	afterEach(() => rm(dir, { recursive: true }));
	const text = (path = file) => readFile(path, "utf8");
	const config = async () => asKubeconfig(load(await text())) as Kubeconfig;
	const given = async (content: string, mode = 0o644) => {
		await mkdir(join(dir, ".kube"));
		await writeFile(file, content, { mode });
	};

	it("makes the file where there is none, for its owner alone, with the cluster as current", async () => {
		expect(await mergeInto(file, ours("lab"))).toEqual({ file, backup: undefined, current: "lab" });
		expect(await config()).toEqual(ours("lab"));
		expect((await stat(file)).mode & 0o777).toBe(0o600);
		expect((await stat(join(dir, ".kube"))).mode & 0o777).toBe(0o700);
	});

	it("keeps all that was there, the current context too, and a copy beside it", async () => {
		await given(THEIRS);
		const merged = await mergeInto(file, ours("lab"));
		expect(merged).toEqual({ file, backup: `${file}.before-clusteros`, current: "work" });
		const [before, now] = [load(THEIRS) as Kubeconfig, await config()];
		for (const list of ["clusters", "users", "contexts"] as const)
			expect(now[list]).toEqual([before[list][0], ours("lab")[list][0]]);
		expect(now).toMatchObject({ preferences: {}, "current-context": "work" });
		expect(await text(merged.backup)).toBe(THEIRS);
		for (const path of [file, merged.backup!]) expect((await stat(path)).mode & 0o777).toBe(0o600);
	});

	it("replaces what an earlier merge has made, where it stood", async () => {
		await given("");
		await mergeInto(file, ours("lab"));
		await mergeInto(file, ours("other"));
		await mergeInto(file, ours("lab", { key: "bmV3", server: "https://127.0.0.1:40002" }));
		const { users, contexts } = await config();
		expect(users.map(({ name }) => name)).toEqual(["lab", "other"]);
		expect(users[0]).toMatchObject({ user: { "client-key-data": "bmV3" } });
		expect(contexts).toHaveLength(2);
	});

	it("writes nothing when nothing has changed", async () => {
		await given(THEIRS);
		await mergeInto(file, ours("lab"));
		const { ino } = await stat(file);
		expect(await mergeInto(file, ours("lab"))).toEqual({ file, current: "work" });
		expect((await stat(file)).ino).toBe(ino);
		expect(await text(`${file}.before-clusteros`)).toBe(THEIRS);
	});

	it.each(["work", "me"])("does not take the name %s that is somebody else's", async (name) => {
		await given(THEIRS);
		await expect(mergeInto(file, ours(name))).rejects.toMatchObject({
			message: expect.stringContaining(`called "${name}" that ClusterOS has not made`),
			problems: [{ where: { file }, fix: expect.stringContaining("--name") }],
		});
		expect(await text()).toBe(THEIRS);
		expect(await readdir(join(dir, ".kube"))).toEqual(["config"]);
	});

	it.each([
		["no YAML", "clusters: [", /not YAML/],
		["a list", "- a\n", /not a kubeconfig/],
		["another thing's lists", "clusters: {a: 1}\n", /not a kubeconfig/],
	])("refuses a file that is %s, and leaves it", async (_, content, why) => {
		await given(content);
		await expect(mergeInto(file, ours("lab"))).rejects.toThrow(why);
		expect(await text()).toBe(content);
	});

	it("follows a link to where the file is kept, and lets the link be", async () => {
		await mkdir(join(dir, ".kube"));
		await writeFile(join(dir, "dotfile"), THEIRS);
		await symlink("../dotfile", file);
		await mergeInto(file, ours("lab"));
		expect(await text(join(dir, "dotfile"))).toContain("name: lab");
		expect(await readdir(join(dir, ".kube"))).toEqual(["config"]);
	});

	it("takes the file that kubectl takes", () => {
		expect(kubeconfigFile({ HOME: "/home/ada" })).toBe("/home/ada/.kube/config");
		expect(kubeconfigFile({ HOME: "/home/ada", KUBECONFIG: ":/a:/b" })).toBe("/a");
	});
});

it("is written so that YAML 1.1 reads the same values", () => {
	const words = ["yes", "on", "012", "1e3", "0o7", "~", "2020-01-01", "1:30", "n"];
	const printed = yamlOf({ ...ours("lab"), words });
	for (const word of words) expect(printed).toMatch(new RegExp(`- ['"]${word}['"]`));
});

describe("access to k3s", () => {
	const metal = { via: "ssh", host: "192.0.2.11", port: 22, user: "clusteros" };
	/** A cluster whose first controller says this when it is asked for a file. */
	const cluster = (said: string | ToolError, way: { reach?: object; machine?: object } = { reach: metal }) => {
		const asked: unknown[] = [];
		const run = async (argv: readonly string[], { as }: LinkOptions = {}) => {
			asked.push([as, ...argv]);
			if (typeof said !== "string") throw said;
			return { stdout: said, stderr: "", exitCode: 0 };
		};
		const reached = {
			dir: "/lab",
			slow: 1,
			described: { controllers: ["c1", "c2"], nodes: [{ name: "c1", reach: way.reach }] },
			nodes: [{ name: "c1", machine: way.machine }],
			link: () => ({ run }),
		} as unknown as Reached;
		return { reached, asked };
	};
	const missing = new ToolError({ doing: "x", argv: ["cat"], exitCode: 1, tail: ["No such file or directory"] });

	it("is what the first controller has, at its address and under its name", async () => {
		const { server: _, ...credentials } = access;
		const { reached, asked } = cluster(K3S_YAML);
		expect(await readAccess(reached, {})).toEqual({ ...credentials, server: "https://192.0.2.11:6443", serverName: "c1" });
		expect(asked).toEqual([["root", "cat", "/etc/rancher/k3s/k3s.yaml"]]);
		const six = cluster(K3S_YAML, { reach: { ...metal, host: "2001:db8::1" } });
		expect(await readAccess(six.reached, {})).toMatchObject({ server: "https://[2001:db8::1]:6443" });
	});

	it("goes through the port that `up` has forwarded, one that was published, or another way", async () => {
		expect(await readAccess(cluster(K3S_YAML, { machine: { api: 40001 } }).reached, {})).toEqual(access);
		const published = cluster(K3S_YAML, { machine: { publish: [{ host: 7443, guest: 6443 }] } });
		expect(await readAccess(published.reached, {})).toMatchObject({ server: "https://127.0.0.1:7443" });
		const none = cluster(K3S_YAML, { machine: {} });
		await expect(readAccess(none.reached, {})).rejects.toMatchObject({
			problems: [{ fix: expect.stringMatching(/--publish 6443:c1:6443.*--server/) }],
		});
		const tunnel = { server: "https://localhost:7000" };
		expect(await readAccess(none.reached, tunnel)).toMatchObject({ ...tunnel, serverName: "c1" });
	});

	it.each([
		["there is no k3s", missing, /c1 has no \/etc\/rancher\/k3s\/k3s\.yaml/],
		["the file is something else", "clusters: []", /not a kubeconfig/],
		["the file is no YAML", "{", /not a kubeconfig/],
	])("says so when %s", async (_, said, why) => {
		await expect(readAccess(cluster(said).reached, {})).rejects.toThrow(why);
	});

	it("leaves other failures as they are", async () => {
		const late = new ToolError({ doing: "x", argv: ["cat"], exitCode: null, tail: ["it did not end within 15 s"] });
		await expect(readAccess(cluster(late).reached, {})).rejects.toBe(late);
	});
});
