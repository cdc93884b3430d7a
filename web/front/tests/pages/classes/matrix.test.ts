// SPDX-License-Identifier: MIT
// The matrix of classes and time: its arrays are read where they lie, and shares mean what the legend says.
import { describe, expect, it } from 'vitest';
import {
  greatest,
  linesOf,
  momentText,
  mostLive,
  rowsOfGroups,
  shareOf,
  stepRow,
  timeOf,
} from '~/pages/classes/matrix';
import { groupsOf } from '~/pages/classes/zones';
import { boxed } from '../../draw/boxed';

const numbers = (...lines: number[][]) => new Uint8Array(new Float64Array(lines.flat()).buffer);
const told = [3, 7, 1, 48, 48, 48, 100, 500, 1, 2];
const untold = [4, null, 0, null, 49, 64, 100, 500, 0, 2];
const answer = boxed(
  [told, numbers([1, 2], [30, 1000], [48, 96], [48, 0])],
  [untold, numbers([0, 1], [0, 50], [0, 64], [9, 9])],
);
const [first, second] = linesOf(answer);

describe('linesOf', () => {
  it('reads a class and its numbers at the points', () => {
    expect(first).toMatchObject({ class_number: 3, class_id: 7, slot_bytes: 48, beginNs: 100, endNs: 500 });
    expect([...(first?.live ?? [])]).toEqual([30, 1000]);
    expect([...(first?.vacant ?? [])]).toEqual([48, 0]);
    expect(second?.vacant).toBeNull();
    expect(mostLive(linesOf(answer))).toBe(1000);
  });

  it('refuses an answer with fewer numbers than it says', () => {
    expect(() => linesOf(boxed([[...told.slice(0, 9), 3], numbers([1, 2])]))).toThrow('no drawing');
  });
});

describe('shareOf', () => {
  it('is of live bytes by powers, of usable bytes what is rounding, of slots what is vacant', () => {
    if (!first || !second) throw new Error('no classes');
    expect(shareOf(first, 1, 'live', 1000)).toBe(1);
    expect(shareOf(first, 0, 'live', 1000)).toBeCloseTo(Math.log2(31) / Math.log2(1001));
    expect(shareOf(first, 0, 'rounding', 1000)).toBe(18 / 48);
    expect(shareOf(first, 0, 'vacant', 1000)).toBe(0.5);
    expect(shareOf(second, 1, 'vacant', 1000)).toBe(0);
    expect(shareOf(second, 0, 'live', 1000)).toBeNull();
    expect(shareOf(second, 0, 'vacant', 1000)).toBeNull();
  });
});

describe('greatest', () => {
  it('keeps the classes with most bytes and the chosen one, in their order', () => {
    const names = (count: number, chosen: number | null) =>
      greatest(linesOf(answer), count, chosen).map((line) => line.class_number);
    expect(names(2, null)).toEqual([3, 4]);
    expect(names(1, null)).toEqual([3]);
    expect(names(1, 4)).toEqual([3, 4]);
  });
});

describe('groups', () => {
  const of = (class_id: (number | null)[], role: string[]) => groupsOf({ class_id, role });

  it('are of zones of a class, of a zone for all, and of large blocks', () => {
    const zoned = of([7, 8], ['slots', 'slots']);
    expect([7, 9, null].map((class_id) => zoned?.of({ class_number: 1, class_id }))).toEqual([0, 3, 3]);
    expect(zoned?.of({ class_number: 0, class_id: null })).toBe(2);
    expect(of([null], ['bump'])?.of({ class_number: 1, class_id: 7 })).toBe(1);
  });

  it('are not where no zone serves classes', () => {
    expect([of([], []), of([null], ['chunks'])]).toEqual([null, null]);
  });

  it('have their titles above their rows, which steps pass over', () => {
    const rows = rowsOfGroups(linesOf(answer), of([7], ['slots']));
    const titles = rows.map((row) => (typeof row === 'string' ? row : row.class_number));
    expect(titles).toEqual(['Zones of one class each', 3, 'Outside of zones', 4]);
    expect([stepRow(rows, 0, 0), stepRow(rows, 1, 1), stepRow(rows, 3, -1), stepRow(rows, 1, -1)]).toEqual([
      1, 3, 1, 1,
    ]);
    expect([stepRow(rows, 3, -Infinity), stepRow(rows, 1, Infinity)]).toEqual([1, 3]);
    expect(rowsOfGroups(linesOf(answer), null)).toHaveLength(2);
  });
});

describe('times', () => {
  it('are those of the ends of points, exact to the nanosecond in a link', () => {
    if (!first) throw new Error('no class');
    expect([timeOf(first, 0, 2), timeOf(first, 1, 2)]).toEqual([300, 500]);
    expect(momentText(12_345_678_901)).toBe('12.345678901s');
    expect(momentText(7)).toBe('0.000000007s');
  });
});
