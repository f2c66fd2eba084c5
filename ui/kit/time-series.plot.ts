/** uPlot behind a small door: the canvas of one chart, its axes, what is drawn under and over the lines. */
import UPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import {
  alignBand,
  formatLevel,
  formatTick,
  type Columns,
  type Line,
  type Unit,
} from "./time-series.model.ts";
import { faded, type Inks, inksOf } from "./time-series.ink.ts";

/** A moment worth seeing: drawn as a vertical line. */
export interface Marker {
  at: number;
  /** Name of a colour token. */
  color: "accent" | "ok" | "warn" | "bad" | "unknown";
}

export interface PlotInput {
  columns: Columns;
  lines: readonly Line[];
  /** Epoch ms. */
  from: number;
  to: number;
  unit: Unit;
  top: number;
  markers: readonly Marker[];
  silences: readonly (readonly [from: number, to: number])[];
  /** A value drawn as a level across the chart. */
  limit: number | null;
  locale: string;
}

export interface PlotEvents {
  /** The pointer is at this time; null: it left. */
  onCursor: (at: number | null) => void;
  onZoom: (from: number, to: number) => void;
  onReset: () => void;
}

export interface Plot {
  /** New numbers, or another span. */
  update(): void;
  resize(width: number, height: number): void;
  cursor(at: number | null): void;
  /** The theme changed. */
  repaint(): void;
  destroy(): void;
}

/** A shorter drag was meant as a click. */
const LEAST_DRAG_PX = 6;
const AXIS_PX = 60;
const BYTE_STEPS = Array.from({ length: 50 }, (_, power) => 2 ** power);
const AXIS_FONT = '11px "Inter Variable", system-ui, sans-serif';

export function createPlot(host: HTMLElement, input: () => PlotInput, events: PlotEvents): Plot {
  let ink = inksOf(host);
  const banded = () => input().lines.flatMap((line, index) => (line.band == null ? [] : [index]));

  const dataOf = (): UPlot.AlignedData => {
    const { columns, lines } = input();
    const bands = banded().flatMap((index) => alignBand(lines[index]!, columns.times));
    return [columns.times, ...columns.values, ...bands] as UPlot.AlignedData;
  };
  const series = (): UPlot.Series[] => [
    {},
    ...input().lines.map((line) => lineSeries(line, () => ink)),
    ...banded().flatMap(() => [
      { stroke: "transparent", points: NO_POINTS },
      { stroke: "transparent", points: NO_POINTS },
    ]),
  ];
  const bands = (): UPlot.Band[] =>
    banded().map((line, place) => {
      const low = 1 + input().lines.length + place * 2;
      return { series: [low + 1, low], fill: () => faded(ink.chart(input().lines[line]!.color), 0.16) };
    });

  const plot = new UPlot(
    {
      width: Math.max(1, host.clientWidth),
      height: Math.max(1, host.clientHeight),
      ms: 1,
      legend: { show: false },
      padding: [8, 18, 0, 0],
      cursor: {
        y: false,
        points: { size: 6, width: 0, show: (_, index) => pointOf(index > input().lines.length) },
        drag: { x: true, y: false, setScale: false },
        bind: { dblclick: () => () => (events.onReset(), null) },
      },
      scales: {
        x: { time: true, range: () => [input().from, input().to] },
        y: { range: () => [0, input().top] },
      },
      axes: axes(input, () => ink),
      series: series(),
      bands: bands(),
      hooks: {
        drawClear: [(chart) => drawUnder(chart, input(), ink)],
        draw: [(chart) => drawOver(chart, input(), ink)],
        setCursor: [
          (chart) => {
            const at = chart.cursor.idx == null ? undefined : chart.data[0][chart.cursor.idx];
            events.onCursor((chart.cursor.left ?? -1) < 0 ? null : (at ?? null));
          },
        ],
        setSelect: [
          (chart) => {
            const { left, width } = chart.select;
            if (width < LEAST_DRAG_PX) return;
            chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
            events.onZoom(chart.posToVal(left, "x"), chart.posToVal(left + width, "x"));
          },
        ],
      },
    },
    dataOf(),
    host,
  );

  return {
    update: () => plot.setData(dataOf()),
    resize: (width, height) => plot.setSize({ width, height }),
    cursor: (at) => plot.setCursor({ left: at === null ? -10 : plot.valToPos(at, "x"), top: 0 }, false),
    repaint() {
      ink = inksOf(host);
      plot.redraw(false, true);
    },
    destroy: () => plot.destroy(),
  };
}

const NO_POINTS: UPlot.Series.Points = { show: false };
/** The edges of a band have no point under the cursor. */
const pointOf = (hidden: boolean) => {
  const point = document.createElement("div");
  point.hidden = hidden;
  point.className = "u-cursor-pt";
  return point;
};

function lineSeries(line: Line, ink: () => Inks): UPlot.Series {
  return {
    stroke: () => ink().chart(line.color),
    width: 1.5,
    ...(line.dashed === true ? { dash: [5, 4] } : {}),
    ...(line.area === true && line.band == null ? { fill: () => faded(ink().chart(line.color), 0.12) } : {}),
    // A value between two gaps has no line: it is drawn as a dot, or it would not be seen at all.
    points: { show: true, size: 3, filter: (chart, index) => lonely(chart.data[index]!) },
  };
}

function lonely(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    if (typeof values[index] !== "number") continue;
    const before = lookFrom(values, index, -1);
    const after = lookFrom(values, index, 1);
    if (typeof before !== "number" && typeof after !== "number") found.push(index);
  }
  return found;
}

/** The neighbour on one side, past places at which this line simply has no point. */
function lookFrom(
  values: ArrayLike<number | null | undefined>,
  index: number,
  by: number,
): number | null | undefined {
  let place = index + by;
  while (place >= 0 && place < values.length && values[place] === undefined) place += by;
  return values[place];
}

function axes(input: () => PlotInput, ink: () => Inks): UPlot.Axis[] {
  const shared: UPlot.Axis = {
    font: AXIS_FONT,
    stroke: () => ink().of("faint"),
    ticks: { show: false },
  };
  return [
    {
      ...shared,
      size: 24,
      gap: 6,
      space: 76,
      grid: { show: false },
      values: (_, splits) => splits.map((at) => formatTick(at, input().to - input().from, input().locale)),
    },
    {
      ...shared,
      size: AXIS_PX,
      gap: 8,
      space: 34,
      ...(["bytes", "rate"].includes(input().unit) ? { incrs: BYTE_STEPS } : {}),
      grid: { stroke: () => ink().of("line"), width: 1 },
      values: (_, splits) => splits.map((value) => formatLevel(input().unit, value, input().locale)),
    },
  ];
}

/** Spans without any value, as a quiet shade: nobody knows what happened there. */
function drawUnder(chart: UPlot, { silences, from, to }: PlotInput, ink: Inks): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.fillStyle = ink.of("hover");
  for (const [start, end] of silences) {
    const left = chart.valToPos(Math.max(start, from), "x", true);
    const right = chart.valToPos(Math.min(end, to), "x", true);
    ctx.fillRect(left, bbox.top, Math.max(0, right - left), bbox.height);
    hatch(ctx, left, right, bbox, ink.of("line"));
  }
  ctx.restore();
}

function hatch(
  ctx: CanvasRenderingContext2D,
  left: number,
  right: number,
  box: UPlot.BBox,
  color: string,
): void {
  const step = 8 * devicePixelRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, box.top, right - left, box.height);
  ctx.clip();
  ctx.strokeStyle = color;
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  for (let x = left - box.height; x < right; x += step) {
    ctx.moveTo(x, box.top + box.height);
    ctx.lineTo(x + box.height, box.top);
  }
  ctx.stroke();
  ctx.restore();
}

function drawOver(chart: UPlot, { markers, limit, top, from, to }: PlotInput, ink: Inks): void {
  const { ctx, bbox } = chart;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  if (limit !== null && limit <= top) {
    const y = Math.round(chart.valToPos(limit, "y", true));
    ctx.setLineDash([2 * devicePixelRatio, 3 * devicePixelRatio]);
    vertical(ctx, ink.of("faint"), bbox.left, y, bbox.left + bbox.width, y);
  }
  ctx.setLineDash([3 * devicePixelRatio, 3 * devicePixelRatio]);
  for (const { at, color } of markers) {
    if (at < from || at > to) continue;
    const x = Math.round(chart.valToPos(at, "x", true));
    vertical(ctx, faded(ink.of(color), 0.7), x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}

function vertical(
  ctx: CanvasRenderingContext2D,
  color: string,
  x: number,
  y: number,
  toX: number,
  toY: number,
): void {
  ctx.strokeStyle = color;
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(toX, toY);
  ctx.stroke();
}
