// SPDX-License-Identifier: MIT
// The answer about lifetimes as a grid of sizes and times, only where there are blocks.
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { formatDuration } from '~/text/format';

type LifetimeRow = Pick<
  RowOf<Columns<'Lifetimes'>>,
  'least_bytes' | 'most_bytes' | 'least_ns' | 'is_alive' | 'blocks' | 'bytes'
>;
export type By = 'blocks' | 'bytes';

export interface Size {
  least: number;
  most: number | null;
  freed: number;
  alive: number;
  /** In the order of the grid's times. */
  cells: number[];
}

export interface Grid {
  times: number[]; // the least of each, in ns
  sizes: Size[];
  greatest: number; // of a cell
  freed: number;
  alive: number;
}

/** Times without blocks between those that have some stay, so that distances on the axis are true. */
export function gridOf(rows: readonly LifetimeRow[], by: By): Grid {
  const used = rows.filter((row) => row[by] > 0);
  const lived = used.flatMap((row) => (row.is_alive || row.least_ns === null ? [] : [row.least_ns]));
  const times = steps(Math.min(...lived), Math.max(...lived));
  const sizes = new Map<number, Size>();
  for (const row of [...used].sort((left, right) => left.least_bytes - right.least_bytes)) {
    const none = { least: row.least_bytes, most: row.most_bytes, freed: 0, alive: 0, cells: times.map(() => 0) };
    const size = sizes.get(row.least_bytes) ?? none;
    sizes.set(row.least_bytes, size);
    if (row.is_alive || row.least_ns === null) size.alive += row[by];
    else {
      const at = times.indexOf(row.least_ns);
      size.cells[at] = (size.cells[at] ?? 0) + row[by];
      size.freed += row[by];
    }
  }
  const all = [...sizes.values()];
  return {
    times,
    sizes: all,
    greatest: Math.max(0, ...all.flatMap((size) => size.cells)),
    freed: all.reduce((sum, size) => sum + size.freed, 0),
    alive: all.reduce((sum, size) => sum + size.alive, 0),
  };
}

// The engine's steps: 0, 1, 2, 4, 8, ...
function steps(first: number, last: number): number[] {
  const found: number[] = [];
  if (!Number.isFinite(first)) return found;
  for (let time = first; time <= last; time = time === 0 ? 1 : time * 2) found.push(time);
  return found;
}

const LEGEND_STEPS = 4;

/** Amounts that stand for the colours from one to the greatest, as far apart as colours tell them. */
export function legendOf(greatest: number): number[] {
  if (greatest < 1) return [];
  const amounts = Array.from({ length: LEGEND_STEPS }, (_, step) =>
    Math.round((1 + greatest) ** ((step + 1) / LEGEND_STEPS) - 1),
  );
  return [...new Set([1, ...amounts])].filter((amount) => amount >= 1);
}

/** "1.02 us to 2.05 us": the step in which the median lies; bounds that are not known are null. */
export function medianText(least: number | null, most: number | null): string {
  if (least === null) return '-';
  if (most === null) return `${formatDuration(least)} or more`;
  return most <= 1 ? formatDuration(most) : `${formatDuration(least)} to ${formatDuration(most + 1)}`;
}
