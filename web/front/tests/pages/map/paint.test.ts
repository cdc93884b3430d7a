// SPDX-License-Identifier: MIT
// A page's state is seen without its colour: empty ones are hatched, outlined or marked; of the rest the chosen colour.
import { describe, expect, it } from 'vitest';
import { Raster } from '~/draw/raster';
import { boxOfPage, layoutOf } from '~/pages/map/layout';
import { paintPages } from '~/pages/map/paint';
import type { Painting } from '~/pages/map/paint';
import { stretchesOf } from '~/pages/map/stretches';
import { boxed } from '../../draw/boxed';

const inks = { ground: 1, absent: 2, retained: 3, retainedHatch: 4, metadata: 5, grey: 6 };
const page = (bytes: number, blocks: number, flags: number) => [bytes & 255, bytes >> 8, blocks, 0, 7, flags, 0, 0];
const head = [1, 'heap', null, 0, 0, 0, 0, 0, 0, 640 * 4096, 646 * 4096, 640 * 4096, 6];
const states = [page(4096, 2, 1), page(8, 1, 1), page(64, 1, 0), page(0, 0, 1), page(0, 0, 0), page(0, 0, 5)];
const pages = stretchesOf(boxed([head, new Uint8Array(states.flat())]), 8);

function painted(cell: number, more: Partial<Painting> = {}) {
  const layout = layoutOf(pages.list, cell, 300, 20);
  const raster = new Raster(new Uint32Array(300 * 80), 300, 80);
  const ink = (offset: number) => 1000 + pages.data.getUint16(offset, true);
  paintPages(raster, { layout, pages, scroll: 0, ratio: 1, inks, ink, isShown: null, ...more });
  const at = (number: number, x: number, y: number) => {
    const box = boxOfPage(layout, number);
    return box && raster.pixels[(box.y + y) * 300 + box.x + x];
  };
  return { at, raster };
}

describe('paintPages', () => {
  it('gives pages with blocks their colour, and an outline of it where they are not resident', () => {
    const { at } = painted(8);
    expect([at(640, 3, 3), at(641, 3, 3)]).toEqual([1000 + 4096, 1008]);
    expect([at(642, 0, 0), at(642, 3, 3)]).toEqual([1064, 1]);
  });

  it('tells retained, absent and metadata apart', () => {
    const { at, raster } = painted(8);
    expect(new Set([0, 1, 2, 3].map((x) => at(643, x, 0)))).toEqual(new Set([3, 4]));
    expect([at(644, 0, 0), at(644, 3, 3), at(645, 3, 3)]).toEqual([2, 1, 5]);
    expect(raster.pixels.filter((each) => each === 0)).toHaveLength(0);
  });

  it('shows the states in the smallest cells too', () => {
    const { at } = painted(2);
    expect([at(640, 1, 1), at(642, 0, 0), at(642, 0, 1), at(644, 1, 1)]).toEqual([1000 + 4096, 1064, 1, 2]);
  });

  it('makes grey what is not shown, and nothing else', () => {
    const { at } = painted(8, { isShown: (_, number) => number === 640 });
    expect([at(640, 3, 3), at(641, 3, 3), at(645, 3, 3)]).toEqual([1000 + 4096, 6, 5]);
  });

  it('leaves pages that the answer has not', () => {
    const without = { list: pages.list.map((each) => ({ ...each, dataBegin: 642 })), data: pages.data };
    expect(painted(8, { pages: without }).at(640, 3, 3)).toBe(1);
  });
});
