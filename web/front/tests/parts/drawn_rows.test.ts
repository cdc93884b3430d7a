// SPDX-License-Identifier: MIT
// Which rows of a long table are drawn.
import { expect, test } from 'vitest';
import { drawnRows } from '../../src/parts/drawn_rows';

test('a short table is drawn whole, wherever it is scrolled to', () => {
  expect(drawnRows(150, 100, 200)).toEqual({ begin: 0, end: 150 });
  expect(drawnRows(0, 0, 200)).toEqual({ begin: 0, end: 0 });
});

test.each([
  [0, { begin: 0, end: 50 }],
  [500, { begin: 480, end: 530 }],
  [990, { begin: 950, end: 1000 }],
  [5000, { begin: 950, end: 1000 }],
])('of a thousand rows from row %i on', (top, drawn) => expect(drawnRows(1000, top, 250)).toEqual(drawn));
