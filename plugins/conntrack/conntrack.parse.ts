/** /proc/net/stat/nf_conntrack: a heading, then one line per processor, everything hexadecimal. */
import { unreadable, words } from "../common/proc/text.ts";

export interface ConntrackStat {
  /** Packets dropped because no entry could be made: the table was full. */
  drops: number;
  /** Entries thrown out early to make room. */
  earlyDrops: number;
  insertFailures: number;
}

const PATH = "/proc/net/stat/nf_conntrack";

/** Summed over all processors. Columns go by their heading: their number differs between kernels. */
export function parseConntrackStat(text: string): ConntrackStat {
  const [heading = "", ...lines] = text.split("\n").filter((line) => line.trim() !== "");
  const columns = words(heading);
  const sum = (name: string) => {
    const index = columns.indexOf(name);
    if (index === -1) throw unreadable(PATH, `there is no column ${name}`);
    return lines.reduce((total, line) => {
      const value = words(line)[index] ?? "";
      if (!/^[0-9a-f]+$/.test(value)) throw unreadable(PATH, `${name} is "${value.slice(0, 40)}"`);
      return total + parseInt(value, 16);
    }, 0);
  };
  return { drops: sum("drop"), earlyDrops: sum("early_drop"), insertFailures: sum("insert_failed") };
}
