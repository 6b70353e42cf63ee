import { connect } from "node:net";

/** Whether something takes connections there, within `timeout` milliseconds: cheaper than any command, such as SLURM's. */
export function takesConnections(host: string, port: number, timeout: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect({ host, port, timeout });
		const done = (answer: boolean) => {
			socket.destroy();
			resolve(answer);
		};
		socket.once("connect", () => done(true));
		socket.once("timeout", () => done(false));
		socket.once("error", () => done(false));
	});
}
