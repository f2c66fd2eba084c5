import type { Result, Status } from "cortex";

/** What others are told of a result: nothing is left open, and where it comes from is said. */
export interface ReportedResult {
  check: string;
  instance: string;
  target: string;
  status: Status;
  summary: string;
  metrics: Record<string, number>;
  labels: Record<string, string>;
  observe: boolean;
}

export const reportedResult = (check: string, instance: string, result: Result): ReportedResult => ({
  check,
  instance,
  target: result.target,
  status: result.status,
  summary: result.summary,
  metrics: result.metrics ?? {},
  labels: result.labels ?? {},
  observe: result.observe ?? false,
});
