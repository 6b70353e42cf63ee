import { existsSync } from "node:fs";
import { chmod, mkdir, rename, rm } from "node:fs/promises";
import { slurmdbdConf } from "../../core/node/files/slurmdbd-conf.ts";
import { applyOnce } from "../applied.ts";
import type { Context } from "../context.ts";
import { keepDaemon } from "../daemon/daemon.ts";
import { takesConnections } from "../daemon/reachable.ts";
import type { Wait } from "../machine.ts";
import { complaints } from "./complaints.ts";

const DATA = "/var/lib/mysql";
const PORT = 6819;
/** MariaDB knows slurmdbd's user by its socket: there is no password to keep or to lose. */
const SQL = `
CREATE DATABASE IF NOT EXISTS slurm_acct_db;
CREATE USER IF NOT EXISTS slurm@localhost IDENTIFIED VIA unix_socket;
GRANT ALL ON slurm_acct_db.* TO slurm@localhost;
`;

/** Job accounting runs where cluster.toml asks for it: slurmctld does not start before its slurmdbd answers. Returns what it waits for. */
export async function accounting(ctx: Context, answers = takesConnections): Promise<Wait | undefined> {
	const { world, cluster } = ctx;
	if (!cluster.slurm.accounting) return undefined;
	if (!existsSync(`${world.root}/usr/sbin/slurmdbd`) || !existsSync(`${world.root}/usr/sbin/mariadbd`)) {
		throw new Error(
			"the cluster keeps accounts, but this image has no slurmdbd and MariaDB: build it with --profile slurm-accounting",
		);
	}
	await makeDatabase(ctx);
	const database = await keepDaemon(ctx, { name: "mariadb", files: [], tell: complaints });
	if (database) return database;
	await applyOnce(world, "slurm_acct_db", [SQL], () => world.exec(["mariadb"], { input: SQL, timeout: 60_000 * cluster.slow }));
	const daemon = await keepDaemon(ctx, { name: "slurmdbd", files: [slurmdbdConf(ctx.view())], tell: complaints });
	if (daemon) return daemon;
	return (await answers("127.0.0.1", PORT, 2000)) ? undefined : { wait: "slurmdbd to answer", seconds: 1 };
}

/**
 * The image holds no database, since that would be the same one in every cluster. Made beside its place and moved there whole:
 * a power cut leaves none, and one that is there is never touched.
 */
async function makeDatabase({ world, cluster }: Context): Promise<void> {
	if (existsSync(`${world.root}${DATA}/mysql`)) return;
	const beside = `${DATA}.new`;
	await rm(world.root + beside, { recursive: true, force: true });
	await mkdir(world.root + beside, { recursive: true });
	const options = ["--user=mysql", "--auth-root-authentication-method=socket", "--skip-test-db", `--datadir=${beside}`];
	await world.exec(["mariadb-install-db", ...options], { timeout: 120_000 * cluster.slow });
	await chmod(world.root + beside, 0o700);
	await world.exec(["sync", "--file-system", beside], { timeout: 60_000 * cluster.slow });
	await rename(world.root + beside, world.root + DATA);
}
