/** What taking an act back does to the world: the reverse of its effects, judged by the invariants like any other act. */
import type { Effect } from "cortex";

/** What was only read or run, and what can't be had back, has no reverse. */
export function undoEffects(effects: readonly Effect[]): Effect[] {
  return effects.flatMap((effect): Effect[] => {
    switch (effect.kind) {
      case "service":
        return [{ ...effect, verb: SERVICE[effect.verb] }];
      case "process":
        return [{ ...effect, verb: effect.verb === "start" ? "end" : "start" }];
      case "mount":
        return [{ ...effect, verb: MOUNT[effect.verb] }];
      case "network":
        // Whoever was shut out is let in again.
        return [{ ...effect, verb: effect.verb === "open" ? "close" : "open" }];
      case "package":
        return effect.verb === "clean" ? [] : [{ ...effect, verb: PACKAGE[effect.verb] }];
      case "account":
        return [{ ...effect, verb: ACCOUNT[effect.verb] }];
      case "write":
      case "setting":
        return [effect];
      case "delete":
        // Files come back where they were.
        return [{ kind: "write", file: effect.root }];
      case "host":
      case "exec":
      case "read":
        return [];
    }
  });
}

const SERVICE = { start: "stop", stop: "start", restart: "restart", reload: "reload" } as const;
const MOUNT = { mount: "unmount", unmount: "mount", remount: "remount" } as const;
const PACKAGE = { install: "remove", remove: "install", rollback: "install" } as const;
const ACCOUNT = { add: "remove", remove: "add", change: "change" } as const;
