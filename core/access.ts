import { access, constants } from "node:fs/promises";

/** Whether this user may use what lies at `path` in this way (access(2): F_OK, R_OK, W_OK, X_OK); that it is there, by default. */
export async function may(path: string, mode: number = constants.F_OK): Promise<boolean> {
	return access(path, mode).then(
		() => true,
		() => false,
	);
}
