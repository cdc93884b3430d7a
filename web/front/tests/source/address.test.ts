// SPDX-License-Identifier: MIT
// Addresses of questions: the same parameters are the same address.
import { expect, test } from 'vitest';
import { addressOf, pathOf } from '../../src/source/address';

test('operations are named by their paths', () => {
  expect(pathOf('Heap')).toBe('heap');
  expect(pathOf('ClassesOver')).toBe('classes_over');
});

test('the order in which parameters are written changes nothing, and those without a value are left out', () => {
  const address = addressOf(2, 'FlameDiff', { t2: '40', measure: 'live', t1: '7', process: undefined });
  expect(address).toBe('reels/2/flame_diff?measure=live&t1=7&t2=40');
  expect(addressOf(2, 'FlameDiff', { t1: '7', t2: '40', measure: 'live' })).toBe(address);
  expect(addressOf(0, 'Run', {})).toBe('reels/0/run');
});

test('what the user wrote stays one parameter', () => {
  expect(addressOf(0, 'Sql', { q: 'SELECT 1 & 2 # x' })).toBe('reels/0/sql?q=SELECT+1+%26+2+%23+x');
});
