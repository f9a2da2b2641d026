/**
 * A process to be killed: opens the home, takes in a path, says `opened` and, at the end, `done` with what it counted.
 * `node take-in.ts <home> <path>`
 */
import { systemClock } from "@steward/core/clock.ts";
import { loadConfig } from "../config.ts";
import { openDoor } from "../door.ts";
import { quiet } from "../log.ts";

const [home = "", path = ""] = process.argv.slice(2);
const config = loadConfig({ STEWARD_HOME: home });
const door = await openDoor({ config, clock: systemClock, log: quiet });
const house = door.house();
if (!house) throw new Error("The home did not open.");
console.log("opened");
const known = (await house.sources.list()).find((source) => source.path === path);
const source = known ?? (await house.sources.addPath(path));
const done = await house.sources.finished(source.id);
console.log(`done ${done.state} ${JSON.stringify(done.progress)}`);
await door.close();
