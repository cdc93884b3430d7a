// SPDX-License-Identifier: MIT
// Small words of the pages.
import { expect, test } from 'vitest';
import { parsePlace } from '../../src/state/numbers';
import { hex, plural } from '../../src/text/words';

test('one is one, and nothing is many', () => {
  expect([0, 1, 2000].map((count) => plural(count, 'block'))).toEqual(['0 blocks', '1 block', '2 000 blocks']);
});

test('an address is written as it can be gone to', () => {
  const address = 0x7f12_a000_1000;
  expect(hex(address)).toBe('0x7f12a0001000');
  expect(parsePlace(hex(address))?.address).toBe(address);
});
