/** The whole environment of programs that shape the tree: the caller's TZ, umask, TMPDIR or PYTHON* must not reach an image. */
export function cleanEnv(epoch: number): Record<string, string> {
	return {
		PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		HOME: "/root",
		TZ: "UTC",
		LC_ALL: "C.UTF-8",
		DEBIAN_FRONTEND: "noninteractive",
		DEBCONF_NONINTERACTIVE_SEEN: "true",
		SOURCE_DATE_EPOCH: String(epoch),
	};
}
