import type Docker from "dockerode";
import type { Cells } from "./cells.ts";
import { createCells } from "./cells.ts";
import type { DockerRuntimeOptions, DockerSettings } from "./docker-options.ts";
import { toSettings } from "./docker-options.ts";
import { connectEngine } from "./engine/engine.ts";
import type { Images } from "./images/create-images.ts";
import { createImages } from "./images/create-images.ts";
import type { Names } from "./names.ts";
import { toNames } from "./names.ts";

/** What everything of this runtime stands on. */
export type Ground = {
	readonly settings: DockerSettings;
	readonly docker: Docker;
	readonly names: Names;
	readonly images: Images;
	readonly cells: Cells;
};

/** @throws TypeError for options that would not keep agents apart */
export function openGround(options: DockerRuntimeOptions): Ground {
	const settings = toSettings(options);
	const docker = connectEngine(options);
	const names = toNames(settings.installation);
	const { registries, onTrouble } = settings;
	const images = createImages({ docker, registries, onTrouble });
	return { settings, docker, names, images, cells: createCells(docker, names) };
}
