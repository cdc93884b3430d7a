// SPDX-License-Identifier: MIT
// Steps by column and by mark.
import { expect, test } from 'vitest';
import { columnsAway, nextTime } from '../../src/timeline/steps';

const span = { beginNs: 0, endNs: 1000 };
const points = { end_ns: [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000], events: [5, 5, 5, 5, 5, 5, 9, 9, 9, 12] };

test('a column is a hundredth of what is shown', () => {
  expect(columnsAway(span, 500, -10, 5, points)).toBe(400);
  expect(columnsAway(span, 5, -10, 5, points)).toBe(0);
  expect(columnsAway(span, 650, 10, 5, points)).toBe(750);
});

test('a step on over a quiet stretch ends where something happens', () => {
  expect(columnsAway(span, 150, 1, 5, points)).toBe(700);
  expect(columnsAway(span, 950, 1, 12, points)).toBe(960);
  expect(columnsAway(span, 150, 1, 5, null)).toBe(160);
});

test('the next mark is the nearest beyond', () => {
  const marks = [700, null, 300, 500];
  expect(nextTime(marks, 400, true)).toBe(500);
  expect(nextTime(marks, 500, true)).toBe(700);
  expect(nextTime(marks, 500, false)).toBe(300);
  expect(nextTime(marks, 700, true)).toBeNull();
});
