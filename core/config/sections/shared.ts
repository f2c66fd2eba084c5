import * as z from "zod";

export const text = z.string().max(500);
export const labels = z.record(z.string().max(100), text);
export const AUTONOMY = ["act", "ask", "observe"] as const;
export const level = z.enum(["L1", "L2", "L3"]);
