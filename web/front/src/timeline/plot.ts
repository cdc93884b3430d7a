// SPDX-License-Identifier: MIT
// The drawing of the timeline on uPlot: resident bytes as an area, live bytes as a line in the band between their least
// and greatest, and below them what was allocated and freed. Draws what it is given; asks for nothing.
import uPlot from 'uplot';
import type { Columns } from '~/source/source';
import { formatBytes } from '~/text/format';
import { drawBars, greatestOf } from './identity_bars';
import type { PartColours } from './identity_bars';
import type { Bar, Series } from './series';
import type { Span } from './span';

const NS_IN_S = 1e9;
const LANE = 0.26; // of the height, for the rates
const AXIS_PIXELS = 64;

type Points = Columns<'Timeline'>;

export interface Colours {
  parts: PartColours;
  text: string;
  line: string;
  live: string;
  resident: string;
  allocated: string;
  freed: string;
}

export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const of = (name: string) => style.getPropertyValue(name).trim();
  return {
    parts: {
      requested: of('--requested'),
      rounding: of('--rounding'),
      pinned: of('--pinned'),
      retained: of('--retained'),
      metadata: of('--metadata'),
    },
    text: of('--quiet'),
    line: of('--line'),
    live: of('--requested'),
    resident: of('--untouched'),
    allocated: of('--more'),
    freed: of('--less'),
  };
}

/** "12.345 s", with as many decimals as the step has, or as tell one step from the next. */
export function secondsText(seconds: number, step: number): string {
  const least = Math.max(0, Math.min(9, Math.ceil(-Math.log10(step) - 1e-9)));
  const isWhole = Math.abs(step * 10 ** least - Math.round(step * 10 ** least)) < 1e-6;
  const decimals = isWhole ? least : Math.min(9, least + 1);
  return `${seconds.toFixed(decimals)} s`;
}

function dataOf(points: Points): uPlot.AlignedData {
  const lead = <T>(values: readonly T[]) => [values[0] as T, ...values];
  const times = [points.begin_ns[0] ?? 0, ...points.end_ns].map((ns) => ns / NS_IN_S);
  return [
    times,
    lead(points.resident_bytes),
    lead(points.live_bytes_max),
    lead(points.live_bytes_min),
    lead(points.live_bytes),
  ] as uPlot.AlignedData;
}

const stepped: uPlot.Series.PathBuilder = (self, index, first, last) =>
  uPlot.paths.stepped?.({ align: -1 })(self, index, first, last) ?? null;

function seriesOf(colours: Colours): uPlot.Series[] {
  const part = (series: uPlot.Series): uPlot.Series => ({
    scale: 'bytes',
    paths: stepped,
    points: { show: false },
    ...series,
  });
  return [
    {},
    part({ stroke: colours.text, width: 1, dash: [3, 2], fill: `${colours.resident}66` }),
    part({ stroke: 'transparent' }),
    part({ stroke: 'transparent' }),
    part({ stroke: colours.live, width: 1.5 }),
  ];
}

function axesOf(colours: Colours): uPlot.Axis[] {
  const font = '11px system-ui, sans-serif';
  const axis = { stroke: colours.text, font, grid: { stroke: colours.line, width: 0.5 }, ticks: { show: false } };
  return [
    { ...axis, size: 20, gap: 3, values: (_, splits, __, ___, step) => splits.map((at) => secondsText(at, step)) },
    {
      ...axis,
      scale: 'bytes',
      size: AXIS_PIXELS,
      space: 24,
      incrs: Array.from({ length: 50 }, (_, power) => 2 ** power),
      filter: (_, splits) => splits.map((value) => (value < 0 ? null : value)),
      values: (_, splits) => splits.map((value) => (value === null || value < 0 ? '' : formatBytes(value))),
    },
  ];
}

// Both to the same scale: what was allocated stands on the middle of the lane, what was freed hangs from it. By the
// square root: beside a burst the run's steady rate would be nothing.
function drawLane(plot: uPlot, points: Points, colours: Colours, out: ReadonlySet<Series>): void {
  const { ctx, bbox } = plot;
  const half = (bbox.height * LANE) / 2 - 2 * uPlot.pxRatio;
  const middle = bbox.top + bbox.height - half - uPlot.pxRatio;
  const greatest = Math.max(1, ...points.allocations, ...points.frees);
  const x = (ns: number) => Math.round(plot.valToPos(ns / NS_IN_S, 'x', true));
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  points.begin_ns.forEach((begin, point) => {
    const left = x(begin);
    const width = Math.max(uPlot.pxRatio, x(points.end_ns[point] ?? begin) - left);
    const up = Math.sqrt((points.allocations[point] ?? 0) / greatest) * half;
    const down = Math.sqrt((points.frees[point] ?? 0) / greatest) * half;
    ctx.fillStyle = colours.allocated;
    if (!out.has('allocated')) ctx.fillRect(left, middle - up, width, up);
    ctx.fillStyle = colours.freed;
    if (!out.has('freed')) ctx.fillRect(left, middle, width, down);
  });
  ctx.fillStyle = colours.text;
  ctx.fillRect(bbox.left, middle, bbox.width, 0.5 * uPlot.pxRatio);
  ctx.restore();
}

/** By uPlot's numbers. */
const SERIES: readonly (Series | null)[] = [null, 'resident', 'live', 'live', 'live'];

export class Plot {
  private plot: uPlot;
  private points: Points | null = null;
  private bars: readonly Bar[] = [];
  private leftOut: ReadonlySet<Series> = new Set();

  /** `onPlaced`: after each drawing, when positions may have changed; `onHover`: the pointer's pixels in `over`. */
  constructor(
    private readonly host: HTMLElement,
    private span: Span,
    private readonly height: number,
    private readonly onPlaced: () => void,
    private readonly onHover: (x: number | null) => void,
  ) {
    this.plot = this.make();
  }

  get over(): HTMLElement {
    return this.plot.over;
  }

  private make(): uPlot {
    const colours = coloursOf(this.host);
    return new uPlot(
      {
        width: Math.max(120, this.host.clientWidth),
        height: this.height,
        padding: [4, 20, 0, 0],
        legend: { show: false },
        cursor: {
          y: false,
          points: { show: false },
          drag: { x: false, y: false, setScale: false },
          bind: { dblclick: () => null },
        },
        select: { show: false, left: 0, top: 0, width: 0, height: 0 },
        scales: {
          x: { time: false, range: () => [this.span.beginNs / NS_IN_S, this.span.endNs / NS_IN_S] },
          bytes: { range: (_, __, most) => this.rangeOf(most) },
        },
        series: seriesOf(colours),
        bands: [{ series: [2, 3], fill: `${colours.live}55` }],
        axes: axesOf(colours),
        hooks: {
          drawSeries: [
            (plot, index) => {
              if (index !== 1) return;
              drawBars(plot, this.bars, this.leftOut, colours.parts);
              if (this.points) drawLane(plot, this.points, colours, this.leftOut);
            },
          ],
          draw: [() => this.onPlaced()],
          setCursor: [({ cursor }) => this.onHover(cursor.left === undefined || cursor.left < 0 ? null : cursor.left)],
        },
      },
      this.points ? dataOf(this.points) : [[], [], [], [], []],
      this.host,
    );
  }

  private rangeOf(most: number): [number, number] {
    const greatest = Math.max(most || 1, greatestOf(this.bars, this.leftOut)) * 1.06;
    return [(-greatest * LANE) / (1 - LANE), greatest];
  }

  /** The bars below the lines, and what is not drawn. */
  showBars(bars: readonly Bar[], leftOut: ReadonlySet<Series>): void {
    if (bars === this.bars && leftOut === this.leftOut) return;
    const isOther = leftOut !== this.leftOut;
    this.bars = bars;
    this.leftOut = leftOut;
    SERIES.forEach((series, index) => {
      if (isOther && series) this.plot.setSeries(index, { show: !leftOut.has(series) });
    });
    if (this.points) this.plot.setData(dataOf(this.points));
  }

  /** Points that are older than the span are drawn where they belong until those of the span come. */
  show(points: Points, span: Span): void {
    const isSame = span.beginNs === this.span.beginNs && span.endNs === this.span.endNs;
    if (isSame && points === this.points) return;
    this.span = span;
    if (points === this.points) this.plot.setScale('x', { min: span.beginNs / NS_IN_S, max: span.endNs / NS_IN_S });
    else {
      this.points = points;
      this.plot.setData(dataOf(points));
    }
  }

  resize(): void {
    this.plot.setSize({ width: Math.max(120, this.host.clientWidth), height: this.height });
  }

  /** Pixels from the left of `over`. */
  xOf(ns: number): number {
    return this.plot.valToPos(ns / NS_IN_S, 'x');
  }

  /** The time at pixels from the left of `over`. */
  nsOf(x: number): number {
    return this.plot.posToVal(x, 'x') * NS_IN_S;
  }

  /** The time under the pointer, within the span. */
  timeAt(clientX: number): number {
    const { left, width } = this.over.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (clientX - left) / Math.max(1, width)));
    return this.span.beginNs + share * (this.span.endNs - this.span.beginNs);
  }

  destroy(): void {
    this.plot.destroy();
  }
}
