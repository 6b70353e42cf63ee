/** What root's commands ask of the running agent: one line of JSON each way over its socket. */

export type Phase = "accept" | "use" | "drop";

export type Request =
	| { readonly op: "readmit" | "forget" | "approve"; readonly name: string }
	| { readonly op: "leave" }
	/** `secrets`: seedSecrets as text. */
	| { readonly op: "apply-secrets"; readonly phase: Phase; readonly secrets: string };

export interface Answer {
	readonly ok: boolean;
	/** For people. */
	readonly said: string;
}
