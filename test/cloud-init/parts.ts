/** One part of a MIME message. */
export interface Part {
	readonly type: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly text: string;
}

/** The parts of a MIME message whose parts are base64. */
export function partsOf(message: string): Part[] {
	const boundary = /^Content-Type: multipart\/mixed; boundary="(.*)"$/m.exec(message)![1]!;
	const parts = message.split(`\n--${boundary}`).slice(1);
	expectEnd(parts.pop());
	return parts.map((part) => {
		const [head, body] = part.split("\n\n", 2) as [string, string];
		const headers = Object.fromEntries(
			head
				.trim()
				.split("\n")
				.map((line) => line.split(": ", 2)),
		);
		return { type: headers["Content-Type"].split(";")[0], headers, text: Buffer.from(body, "base64").toString() };
	});
}

function expectEnd(last: string | undefined): void {
	if (last !== "--\n") throw new Error(`the message does not end: ${last}`);
}
