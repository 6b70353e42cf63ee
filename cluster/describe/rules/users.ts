import { ADMIN } from "../normalise.ts";
import { publicKeyProblem } from "../ssh-keys.ts";
import type { Rule } from "./rule.ts";
import { twice } from "./twice.ts";

/** Accounts that the image's packages own. */
const TAKEN =
	/^(root|daemon|bin|sys|sync|games|man|lp|mail|news|uucp|proxy|www-data|backup|list|irc|nobody|sshd|munge|slurm|mysql|messagebus|syslog|systemd-.*)$/;

/** Users have the same name, id and keys on every node. */
export const userRules: readonly Rule[] = [
	{
		name: "user names are unique",
		check: ({ cluster }, place) =>
			twice(
				cluster.user.map(({ name }, index) => ({ value: name, at: ["user", index, "name"] })),
				place,
				(name) => `a user called "${name}"`,
				"put the keys of both into one [[user]]",
			),
	},
	{
		name: "user names are not the system's",
		*check({ cluster }) {
			for (const [index, { name }] of cluster.user.entries()) {
				if (!TAKEN.test(name)) continue;
				yield { at: ["user", index, "name"], message: `"${name}" is an account of the system`, fix: "choose another name" };
			}
		},
	},
	{
		name: "user ids are unique",
		*check({ users }, place) {
			const items = users.map(({ name, uid, at }) => ({ value: uid, at: [...at, "uid"], owner: name }));
			const admin = items[0]!;
			const fix = `any free number from 2000 on`;
			// The administrator need not stand in the file: its id is taken all the same.
			const isDescribed = users[0]!.at.length > 0;
			for (const { value, at } of isDescribed ? [] : items.slice(1).filter((item) => item.value === admin.value)) {
				yield { at, message: `uid ${value} belongs to ${ADMIN.name}, who administers every node`, fix };
			}
			yield* twice(isDescribed ? items : items.slice(1), place, (uid) => `uid ${uid}`, fix);
		},
	},
	{
		name: "ssh keys are whole",
		*check({ cluster }) {
			for (const [index, { keys }] of cluster.user.entries()) {
				for (const [number, key] of keys.entries()) {
					const message = publicKeyProblem(key);
					if (message === undefined) continue;
					yield {
						at: ["user", index, "keys", number],
						message,
						fix: "paste the one line of a .pub file, such as ~/.ssh/id_ed25519.pub",
					};
				}
			}
		},
	},
];
