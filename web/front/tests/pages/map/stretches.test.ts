// SPDX-License-Identifier: MIT
// Pages are read where they lie in the answer.
import { describe, expect, it } from 'vitest';
import { birthAt, holderOf, offsetOf, pageAt, stretchesOf } from '~/pages/map/stretches';
import { boxed } from '../../draw/boxed';

const head = (begin: number, pages: number, dataBegin = begin, data = pages) => [
  ...[1, 'heap', null, begin * 4096, pages * 4096, 2048, 2, 2, 0],
  ...[begin * 4096, (begin + pages) * 4096, dataBegin * 4096, data],
];

describe('stretches', () => {
  it('have their figures, and the pages that were asked for', () => {
    const page = new Uint8Array([0x00, 0x08, 3, 0, 9, 5, 0, 0]);
    const answer = stretchesOf(boxed([head(100, 50, 120, 1), page], [head(900, 2, 900, 0), new Uint8Array()]), 8);
    expect(answer.list.map(({ begin, end }) => [begin, end])).toEqual([
      [100, 150],
      [900, 902],
    ]);
    expect(pageAt(answer, 120)).toEqual({ liveBytes: 2048, blocks: 3, class: 9, isResident: true, isMetadata: true });
    expect(pageAt(answer, 119)).toBeNull();
    expect(pageAt(answer, 901)).toBeNull();
    expect(holderOf(answer.list, 121)).toBeUndefined();
    expect(offsetOf(answer.list[0], 121, 8)).toBe(-1);
  });

  it('tell births beyond 2^32, and that there is none', () => {
    const births = new Uint8Array(16).fill(0xff);
    new DataView(births.buffer).setBigUint64(0, 5_000_000_007n, true);
    const answer = stretchesOf(boxed([head(7, 2), births]), 8);
    expect(birthAt(answer, 7)).toBe(5_000_000_007);
    expect(birthAt(answer, 8)).toBeNull();
  });
});
