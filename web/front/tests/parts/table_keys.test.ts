// SPDX-License-Identifier: MIT
// Which column is sorted by next, and where the text that is searched for stands next.
import { describe, expect, test } from 'vitest';
import { nextFound, sortFurther } from '../../src/parts/table_keys';

const names = ['main', 'parse', 'Parser::next', 'free', 'reparse'];
const columns = [
  { name: 'site', title: 'Site', cell: () => '', order: (row: number) => names[row] ?? null },
  { name: 'drawing', title: '', cell: () => '' },
  { name: 'bytes', title: 'Bytes', isNumber: true, cell: () => '', order: (row: number) => row },
];

describe('sorting further', () => {
  test.each([
    [undefined, 1, 'site'],
    ['site', 1, '-bytes'],
    ['-site', 1, '-bytes'],
    ['-bytes', 1, 'site'],
    ['site', -1, '-bytes'],
    [undefined, -1, '-bytes'],
  ])('from %s by %i to %s', (sort, step, next) => expect(sortFurther(columns, sort, step)).toBe(next));

  test('without an order there is none', () => expect(sortFurther([], undefined, 1)).toBeNull());
});

describe('searching', () => {
  const table = { columns, rows: [4, 3, 2, 1, 0] };
  test.each([
    [-1, 1, 0],
    [0, 1, 2],
    [2, 1, 3],
    [3, 1, 0],
    [3, -1, 2],
    [0, -1, 3],
  ] as const)('from place %i in direction %i to %i', (from, step, place) => {
    expect(nextFound(table, from, step, 'PARSE')).toBe(place);
  });

  test('what no row has is not found', () => expect(nextFound(table, 0, 1, 'nothing')).toBe(-1));
  test('in an empty table neither', () => expect(nextFound({ columns, rows: [] }, -1, 1, 'a')).toBe(-1));
});
