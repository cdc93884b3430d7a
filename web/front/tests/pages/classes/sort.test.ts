// SPDX-License-Identifier: MIT
// Keys go through the columns that have an order, and round.
import { describe, expect, it } from 'vitest';
import { otherSort } from '~/pages/classes/sort';

const columns = [
  { name: 'class', title: 'Class', cell: () => '', order: () => 1 },
  { name: 'bar', title: 'Bar', cell: () => '' },
  { name: 'bytes', title: 'Bytes', isNumber: true, cell: () => '', order: () => 1 },
];

describe('otherSort', () => {
  it('skips what has no order, and begins with the greatest of numbers', () => {
    expect(otherSort(columns, 'class', 1)).toBe('-bytes');
    expect(otherSort(columns, '-bytes', 1)).toBe('class');
    expect(otherSort(columns, 'class', -1)).toBe('-bytes');
  });
});
