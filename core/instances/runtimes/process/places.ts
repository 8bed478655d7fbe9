import { join } from "node:path";

/** Where what belongs to a cell and to an instance lies on the disk. */
export type Places = {
	/** Of the instance: outlives its cells, and is the agent's own. */
	home(instanceId: string): string;
	readonly homes: string;
	/** Numbers of users that were given away. */
	readonly users: string;
	/** Of the cell: ours. */
	cell(name: string): string;
	readonly cells: string;
	/** Of the cell: where whoever runs it may write how it ended. */
	out(name: string): string;
	log(name: string): string;
};

/** toCellName makes no others; whatever else is asked for has no place. */
const NAME = /^oc-[0-9a-f-]{36}-g\d{1,15}$/;
const ID = /^[0-9a-f-]{36}$/;

export function toPlaces(root: string): Places {
	const homes = join(root, "homes");
	const cells = join(root, "cells");
	const cell = (name: string): string => join(cells, requireForm(name, NAME));
	return {
		homes,
		users: join(root, "users"),
		cells,
		cell,
		home: (instanceId) => join(homes, requireForm(instanceId, ID)),
		out: (name) => join(cell(name), "out"),
		log: (name) => join(cell(name), "log"),
	};
}

function requireForm(text: string, form: RegExp): string {
	if (!form.test(text)) throw new TypeError(`no name of ours: ${text.slice(0, 80)}`);
	return text;
}
