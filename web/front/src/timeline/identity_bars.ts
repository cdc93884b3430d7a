// SPDX-License-Identifier: MIT
// Where every resident byte goes, over time: a bar for each moment that was asked for, of the parts one upon the other.
// Between them nothing is drawn: nothing is known.
import uPlot from 'uplot';
import { layersOf } from './series';
import type { Bar, Layer, Series } from './series';

export type PartColours = Record<Layer['name'], string>;

const UNSAMPLED = 0.45; // of the colour, where the kernel had not been asked
const STRONG = 0.85; // of it elsewhere: the lines over them are to be seen

export function greatestOf(bars: readonly Bar[], out: ReadonlySet<Series>): number {
  return Math.max(0, ...bars.map((bar) => layersOf(bar, out).at(-1)?.to ?? 0));
}

export function drawBars(plot: uPlot, bars: readonly Bar[], out: ReadonlySet<Series>, colours: PartColours): void {
  const { ctx, bbox } = plot;
  const gap = uPlot.pxRatio;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  for (const bar of bars) {
    const left = Math.round(plot.valToPos(bar.begin_ns / 1e9, 'x', true));
    const width = Math.max(gap, Math.round(plot.valToPos(bar.end_ns / 1e9, 'x', true)) - left - gap);
    ctx.globalAlpha = bar.sample_t_ns === null ? UNSAMPLED : STRONG;
    for (const { name, from, to } of layersOf(bar, out)) {
      const [top, bottom] = [plot.valToPos(to, 'bytes', true), plot.valToPos(from, 'bytes', true)];
      ctx.fillStyle = colours[name];
      ctx.fillRect(left, top, width, bottom - top);
    }
  }
  ctx.restore();
}
