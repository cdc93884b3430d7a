// SPDX-License-Identifier: MIT
// The size classes over time as the server's answer has them: of each class a number for each point, in arrays that are
// drawn as they are. And what the colours of the matrix are of.
import { logarithmicShare } from '~/draw/palette';
import { figuresOf, numberOf, numberOrNull } from '~/draw/figures';
import type { ClassSize } from '~/text/class_size';
import type { Groups } from './zones';

export interface ClassLine extends ClassSize {
  beginNs: number;
  endNs: number;
  blocks: Float64Array;
  live: Float64Array;
  usable: Float64Array;
  vacant: Float64Array | null; // null: the allocator does not tell its slots
}

const FIGURES = 4;

/** Of an answer of ClassesOver. */
export function linesOf(answer: ArrayBuffer): ClassLine[] {
  const pointsOf = (head: readonly unknown[]) => numberOf(head[9]);
  return figuresOf(answer, (head) => FIGURES * 8 * pointsOf(head)).map(({ head, offset }) => {
    const points = pointsOf(head);
    const line = (number: number) => new Float64Array(answer, offset + number * points * 8, points);
    return {
      class_number: numberOf(head[0]),
      class_id: numberOrNull(head[1]),
      is_aligned: numberOf(head[2]),
      slot_bytes: numberOrNull(head[3]),
      least_bytes: numberOf(head[4]),
      greatest_bytes: numberOrNull(head[5]),
      beginNs: numberOf(head[6]),
      endNs: numberOf(head[7]),
      blocks: line(0),
      live: line(1),
      usable: line(2),
      vacant: head[8] === 1 ? line(3) : null,
    };
  });
}

export const colourings = ['live', 'rounding', 'vacant'] as const;
export type Colouring = (typeof colourings)[number];

/** What is drawn of a class at a point, from 0 to 1; null: nothing lives there. */
export function shareOf(line: ClassLine, point: number, colouring: Colouring, most: number): number | null {
  const usable = line.usable[point] ?? 0;
  const live = line.live[point] ?? 0;
  const vacant = line.vacant?.[point] ?? 0;
  if (colouring === 'vacant') return usable + vacant > 0 ? vacant / (usable + vacant) : null;
  if (usable <= 0) return null;
  return colouring === 'live' ? logarithmicShare(live, most) : (usable - live) / usable;
}

/** The most live bytes of any class at any point. */
export function mostLive(lines: readonly ClassLine[]): number {
  return lines.reduce((most, { live }) => live.reduce((all, bytes) => Math.max(all, bytes), most), 0);
}

/** The classes that had most usable bytes at a point, and the chosen one; in the order of their sizes. */
export function greatest(lines: readonly ClassLine[], count: number, chosen: number | null): readonly ClassLine[] {
  if (lines.length <= count) return lines;
  const most = new Map(lines.map((line) => [line, line.usable.reduce((all, bytes) => Math.max(all, bytes), 0)]));
  const first = [...lines].sort((left, right) => (most.get(right) ?? 0) - (most.get(left) ?? 0)).slice(0, count);
  return lines.filter((line) => first.includes(line) || line.class_number === chosen);
}

/** A class, or the title of the group of those below. */
export type MatrixRow = ClassLine | string;

/** Group by group, each below its title. */
export function rowsOfGroups(lines: readonly ClassLine[], groups: Groups | null | undefined): readonly MatrixRow[] {
  if (!groups) return lines;
  return groups.titles.flatMap((title, group) => {
    const mine = lines.filter((line) => groups.of(line) === group);
    return mine.length === 0 ? [] : [title, ...mine];
  });
}

/** The row of a class so many rows on, over titles. */
export function stepRow(rows: readonly MatrixRow[], at: number, by: number): number {
  const isClass = (row: number) => typeof rows[row] === 'object';
  const wanted = Math.max(0, Math.min(rows.length - 1, at + by));
  if (isClass(wanted)) return wanted;
  const step = by < 0 ? -1 : 1;
  return isClass(wanted + step) ? wanted + step : wanted - step; // above the first title there is nothing
}

/** The time of a point's end, which its figures are of. */
export function timeOf(line: ClassLine, point: number, points: number): number {
  return line.beginNs + Math.round(((line.endNs - line.beginNs) * (point + 1)) / points);
}

/** The moment of a time, as a link has it: "12.345678901s". */
export function momentText(ns: number): string {
  const [seconds, rest] = [Math.floor(ns / 1e9), Math.round(ns % 1e9)];
  return `${seconds}.${String(rest).padStart(9, '0')}s`;
}
