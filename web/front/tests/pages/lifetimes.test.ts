// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { gridOf, legendOf, medianText } from '../../src/pages/lifetimes/grid';

const row = (least_bytes: number, least_ns: number | null, blocks: number, bytes = blocks * least_bytes) => ({
  least_bytes,
  most_bytes: least_bytes * 2 - 1,
  least_ns,
  is_alive: least_ns === null ? 1 : 0,
  blocks,
  bytes,
});

test('cells lie at their time, sizes ascend, times between stay', () => {
  const grid = gridOf([row(64, 8, 3), row(16, 1, 5), row(16, 8, 1), row(64, null, 7)], 'blocks');
  expect(grid.times).toEqual([1, 2, 4, 8]);
  expect(grid.sizes.map((size) => [size.least, size.cells, size.freed, size.alive])).toEqual([
    [16, [5, 0, 0, 1], 6, 0],
    [64, [0, 0, 0, 3], 3, 7],
  ]);
  expect([grid.greatest, grid.freed, grid.alive]).toEqual([5, 9, 7]);
});

test('by bytes', () => expect(gridOf([row(64, 0, 3), row(64, null, 2)], 'bytes').sizes[0]?.freed).toBe(192));

test('only what lives, and nothing', () => {
  expect(gridOf([row(16, null, 4)], 'blocks')).toMatchObject({ times: [], greatest: 0, alive: 4 });
  expect(gridOf([], 'blocks').sizes).toEqual([]);
});

test('the legend has amounts from one to the greatest, each once', () => {
  expect(legendOf(0)).toEqual([]);
  expect(legendOf(1)).toEqual([1]);
  expect(legendOf(3)).toEqual([1, 2, 3]);
  expect(legendOf(9999)).toEqual([1, 9, 99, 999, 9999]);
});

test('a median is told by the step in which it lies', () => {
  expect(medianText(null, null)).toBe('-');
  expect(medianText(0, 0)).toBe('0 s');
  expect(medianText(1, 1)).toBe('1 ns');
  expect(medianText(1024, 2047)).toBe('1.02 us to 2.05 us');
  expect(medianText(2 ** 46, null)).toBe('19 h 33 min or more');
});
