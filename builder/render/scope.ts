import type { TemplateContext } from "./types.ts";

/** The context as templates see it: with what several of them would otherwise each have to work out. */
export interface Scope extends TemplateContext {
	readonly grub: {
		/** What update-grub appends to `root=… ro`: the same arguments as the image's own grub.cfg has. */
		readonly args: string;
		readonly terminal: string;
		/** Empty where GRUB cannot drive the serial console. */
		readonly serial_command: string;
	};
}

/** Adds the derived values to a context. */
export function scopeOf(context: TemplateContext): Scope {
	// GRUB's `serial` knows PC ports by unit number and nothing of ttyAMA0 and its like.
	const unit = /^ttyS(\d+)$/.exec(context.console.serial)?.[1];
	return {
		...context,
		grub: {
			args: withoutRoot(context.cmdline),
			terminal: unit === undefined ? "console" : "console serial",
			serial_command: unit === undefined ? "" : `serial --unit=${unit} --speed=${context.console.speed}`,
		},
	};
}

function withoutRoot(cmdline: string): string {
	return cmdline
		.split(" ")
		.filter((arg) => arg !== "" && arg !== "ro" && arg !== "rw" && !arg.startsWith("root="))
		.join(" ");
}
