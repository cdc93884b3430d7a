// SPDX-License-Identifier: MIT
// Rows in the order of a column.
import { expect, test } from 'vitest';
import { grouped, ordered } from '../../src/parts/table';
import type { TableColumn } from '../../src/parts/table';

function column(name: string, values: readonly (number | string | null)[]): TableColumn {
  return { name, title: name, cell: (row) => String(values[row]), order: (row) => values[row] ?? null };
}

const bytes = column('bytes', [30, null, 4, 30]);
const names = column('name', ['beta', 'Alpha', null, 'gamma']);

test('rows without a value come last in both directions', () => {
  expect(ordered(4, [bytes, names], 'bytes')).toEqual([2, 0, 3, 1]);
  expect(ordered(4, [bytes, names], '-bytes')).toEqual([0, 3, 2, 1]);
});

test('texts are in the order of the alphabet, whatever their case', () => {
  expect(ordered(4, [bytes, names], 'name')).toEqual([1, 0, 3, 2]);
});

test('rows stay as they are where no column orders them', () => {
  const { order: _, ...plain } = bytes;
  for (const sort of [undefined, 'none', '-none']) expect(ordered(3, [bytes], sort)).toEqual([0, 1, 2]);
  expect(ordered(3, [plain], 'bytes')).toEqual([0, 1, 2]);
});

test('rows stand group by group, and in each in the order of the column', () => {
  const groups = { titles: ['few', 'many'], of: (row: number) => (row < 2 ? 1 : 0) };
  expect(grouped(ordered(4, [bytes, names], '-bytes'), groups)).toEqual([3, 2, 0, 1]);
  expect(grouped([2, 0, 1], null)).toEqual([2, 0, 1]);
});
