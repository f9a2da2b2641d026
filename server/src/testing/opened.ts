import assert from "node:assert/strict";
import { systemClock } from "@steward/core/clock.ts";
import { loadConfig } from "../config.ts";
import { openDoor } from "../door.ts";
import type { House } from "../house.ts";
import type { Door } from "../http/door.ts";
import { quiet } from "../log.ts";

/** Opens a home as a start does, and closes it whatever happens. `env`: settings beside the home's folder. */
export async function withDoor<T>(
  home: string,
  work: (door: Door) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const door = await openDoor({ config: loadConfig({ STEWARD_HOME: home, ...env }), clock: systemClock, log: quiet });
  try {
    return await work(door);
  } finally {
    await door.close();
  }
}

/** The same for what its key opens at once. */
export async function withHouse<T>(
  home: string,
  work: (house: House) => Promise<T>,
  env: Readonly<Record<string, string>> = {},
): Promise<T> {
  const working = (door: Door) => {
    const house = door.house();
    assert.ok(house, "the home did not open");
    return work(house);
  };
  return withDoor(home, working, env);
}
