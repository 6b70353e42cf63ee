import { describe, expect, it } from "vitest";
import { readNodesCsv } from "../../../../cluster/describe/csv.ts";
import { lines, problemsOf } from "./samples.ts";

const read = (text: string) => readNodesCsv(text, "nodes.csv");

describe("readNodesCsv", () => {
	it("takes names, MACs, roles and addresses", () => {
		expect(read("name,mac,roles,address\nc1,52:54:00:12:34:56,controller+worker,192.168.1.10/24\nn1,,,\n")).toEqual([
			{
				name: "c1",
				roles: ["controller", "worker"],
				mac: "52:54:00:12:34:56",
				serial: undefined,
				lan: "192.168.1.10/24",
				host: "192.168.1.10",
			},
			{ name: "n1", roles: ["worker"], mac: undefined, serial: undefined, lan: undefined, host: undefined },
		]);
	});

	it("leaves an address without a prefix to DHCP: it only says how to get there", () => {
		expect(read("name,roles,address\nc1,controller,192.168.1.10\n")).toMatchObject([{ lan: undefined, host: "192.168.1.10" }]);
	});

	it.each([
		["semicolons, and lines that Windows ended", "Name;Roles;Serial\r\nC1;Controller;S 1\r\n\r\n"],
		["tabs, columns in another order", "serial\troles\tname\nS 1\tcontroller\tc1"],
		["quotes", '"name","roles","serial"\n"c1","controller","S 1"\n'],
		["empty lines and cells", ",,\nname,roles,serial\n\nc1, controller , S 1\n,,\n"],
	])("reads %s", (_, text) => {
		expect(read(text)).toMatchObject([{ name: "c1", roles: ["controller"], serial: "S 1" }]);
	});

	it.each(["52:54:00:AB:CD:EF", "52-54-00-ab-cd-ef", "5254.00ab.cdef", "525400abcdef"])("knows %s as a MAC address", (mac) => {
		expect(read(`name,roles,mac\nc1,controller,${mac}\n`)[0]!.mac).toBe("52:54:00:ab:cd:ef");
	});

	it("says all that is wrong, each with its line", async () => {
		const text = "name,mac,roles,address\nc1,52:54:00,controler,192.168.1.999\nn 1,,,\nn2,,,,more\n\nn3,,boss,10.0.0.1/40\n";
		expect(await lines(() => read(text))).toEqual([
			'2: "52:54:00" is no MAC address',
			'2: "controler" is no role',
			'2: "192.168.1.999" is no IPv4 address',
			'3: "n 1" cannot be a node\'s name',
			"4: 5 values, but 4 columns",
			'6: "boss" is no role',
			'6: "10.0.0.1/40" is no IPv4 address',
		]);
		const [, role] = await problemsOf(() => read(text));
		expect(role).toMatchObject({ where: { file: "nodes.csv" }, fix: 'did you mean "controller"?' });
	});

	it.each([
		["name,roles,mca\nc1,controller,x\n", ['1: unknown column "mca"']],
		["mac,roles\n,controller\n", ['1: there is no column "name"']],
		["", ["-: no node is in it"]],
		["name\n", ["-: no node is in it"]],
		["name\nn1\n", ["-: no node is a controller"]],
		["name,roles\nc1,controller\nc1,worker\n", ["3: name c1 is there twice: also in line 2"]],
		[
			"name,roles,address\nc1,controller,10.0.0.1\nn1,worker,10.0.0.1/8\n",
			["3: address 10.0.0.1 is there twice: also in line 2"],
		],
	])("%j", async (text, said) => {
		expect(await lines(() => read(text))).toEqual(said);
	});
});
