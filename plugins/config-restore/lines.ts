/** What differs between two texts, line by line, for people: numbered, redacted and capped. */
import { structuredPatch } from "diff";
import type { PlannedChange } from "cortex";
import { redactLine } from "./redact.ts";

const SHOWN = 60;
const LONGEST = 300;

export interface Difference {
  added: number;
  removed: number;
  changes: PlannedChange[];
}

export function differenceOf(now: string, then: string, showsLines: boolean): Difference {
  const { hunks } = structuredPatch("", "", now, then, "", "", { context: 0 });
  const lines = hunks.flatMap(({ lines: some, oldStart, newStart }) => {
    let [old, young] = [oldStart, newStart];
    return some.flatMap((line): PlannedChange[] => {
      const text = redactLine(line.slice(1)).slice(0, LONGEST);
      if (line.startsWith("-")) return [{ what: `line ${old++}`, from: text }];
      return line.startsWith("+") ? [{ what: `line ${young++}`, to: text }] : [];
    });
  });
  const removed = lines.filter(({ from }) => from !== undefined).length;
  const added = lines.length - removed;
  if (!showsLines) return { added, removed, changes: [] };
  const more = lines.length - SHOWN;
  return {
    added,
    removed,
    changes: more > 0 ? [...lines.slice(0, SHOWN), { what: `${more} more lines` }] : lines,
  };
}
