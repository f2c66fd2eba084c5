/** What the Monitor needs of the metric history; core/store/metrics has it. */
export interface MetricsHistory {
  /** Keep the samples of one report; the same node and time replaces what was there. */
  append(node: string, at: number, samples: Record<string, number>): void;
  query(
    node: string,
    patterns: string[],
    from: number,
    to: number,
    resolution: number,
  ): { series: string; points: [at: number, value: number][] }[];
  seriesOf(node: string): string[];
}
