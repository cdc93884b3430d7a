// SPDX-License-Identifier: MIT
// The shape of a figure over the run.
import { expect, test } from 'vitest';
import { sparkPoints } from '../../src/pages/overview/sparkline';

test('the greatest value is at the top, zero at the bottom, the ends at the sides', () => {
  expect(sparkPoints([0, 50, 100])).toBe('0.0,24.0 50.0,12.0 100.0,0.0');
});

test('what is zero all along is a line at the bottom', () => {
  expect(sparkPoints([0, 0])).toBe('0.0,24.0 100.0,24.0');
  expect(sparkPoints([7])).toBe('0.0,0.0');
  expect(sparkPoints([])).toBe('');
});
