// SPDX-License-Identifier: MIT
// Old links are read, newer ones are refused.
import { expect, test } from 'vitest';
import { stateParse } from '../../src/state/parse';
import { Refusal } from '../../src/state/refusal';
import { STATE_VERSION, upgraded, upgraders, type Upgraders } from '../../src/state/upgrade';

const table: Upgraders = {
  1: (fields) => fields.map(([name, value]) => [name === 'x' ? 'y' : name, value]),
  2: (fields) => fields.map(([name, value]) => [name, `${name}${value}`]),
};

test('a newer version is refused', () => {
  const newer = `v=${STATE_VERSION + 1}`;
  expect(() => stateParse(newer)).toThrow(Refusal);
  expect(() => stateParse(newer)).toThrow(
    `state: ${newer}: write ${STATE_VERSION}: this viewer knows no other version`,
  );
});

test('an older version goes through all the steps to the present one', () => {
  expect(upgraded([['v', '1'], ['x', '7']], table, 3)).toEqual([['y', 'y7']]); // prettier-ignore
  expect(upgraded([['v', '2'], ['x', '7']], table, 3)).toEqual([['x', 'x7']]); // prettier-ignore
  expect(upgraded([['v', '3'], ['x', '7']], table, 3)).toEqual([['x', '7']]); // prettier-ignore
});

test('what names no version is of the present one', () => {
  expect(upgraded([['x', '7']], table, 3)).toEqual([['x', '7']]);
});

test('every older version has its step', () => {
  expect(Object.keys(upgraders).map(Number)).toEqual(Array.from({ length: STATE_VERSION - 1 }, (_, i) => i + 1));
});
