/** What a row of the table is, and what it has at hand. */
import type { Rig } from "../accept/lib/rig.ts";

/** A figure of somebody else, or why there is none. */
export interface Peer {
  name: string;
  value: number | null;
  /** Why it was not measured. */
  skipped?: string;
}

export interface Figure {
  figure: string;
  unit: string;
  ours: number;
  /** The cheapest possible thing on the same runtime, measured in the same run. */
  floor?: number;
  peer?: Peer;
  budget?: number;
  /** Which way is good; default lower. */
  better?: "lower" | "higher";
  /** What a reader must know to compare it. */
  note?: string;
}

export interface Outcome {
  figures: Figure[];
  /** Lines below the table: where the time goes. */
  details?: string[];
}

export interface Row {
  name: string;
  summary: string;
  run(rig: Rig): Promise<Outcome>;
}
