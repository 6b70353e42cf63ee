/** Where the agent's files lie on a node; {@link World.root} goes before each. */
export const IDENTITY_KEY = "/var/lib/clusteros/identity.key";
export const STATUS_FILE = "/run/clusteros/status.json";
export const CONSOLE = "/dev/console";
export const HOST_NAME = "/proc/sys/kernel/hostname";
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";
