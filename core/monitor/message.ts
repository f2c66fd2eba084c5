/** What a node said, after its envelope and the schema of its type. */
import type * as z from "zod";
import type { MessageType } from "../wire/envelope.ts";
import { intentBody } from "../wire/intent.ts";
import { checkpointBody, inventoryBody } from "../wire/inventory.ts";
import { problemBody } from "../wire/problem.ts";
import { gapBody, heartbeatBody, inspectionBody, reportBody } from "../wire/report.ts";

export const BODIES = {
  heartbeat: heartbeatBody,
  report: reportBody,
  problem: problemBody,
  intent: intentBody,
  inspection: inspectionBody,
  inventory: inventoryBody,
  checkpoint: checkpointBody,
  gap: gapBody,
} as const satisfies Record<MessageType, z.ZodType>;
export type Bodies = { [T in MessageType]: z.infer<(typeof BODIES)[T]> };

/** A message after validation. `position` orders messages of one node; 0 for bodies that came without an envelope. */
export interface Message<T extends MessageType = MessageType> {
  node: string;
  type: T;
  body: Bodies[T];
  position: number;
}
