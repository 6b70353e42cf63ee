import { takesConnections } from "../daemon/reachable.ts";
import { type AskApi, askApi } from "./api.ts";
import { type LetsJoin, letsJoin } from "./supervisor.ts";

/** What this part asks of others. */
export interface Parts {
	readonly answers: typeof takesConnections;
	readonly api: AskApi;
	readonly letsJoin: LetsJoin;
	/** Seconds since the agent started. */
	readonly uptime: () => number;
}

export const REAL: Parts = { answers: takesConnections, api: askApi, letsJoin, uptime: () => process.uptime() };
