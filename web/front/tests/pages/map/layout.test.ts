// SPDX-License-Identifier: MIT
// Every page has a place, and the place leads back to it; keys reach all pages.
import { describe, expect, it } from 'vitest';
import { boxOfPage, fittingCell, layoutOf, nextSize, pageAtPlace, stepFrom } from '~/pages/map/layout';
import type { Stretch } from '~/pages/map/stretches';

const stretch = (begin: number, pages: number, kind = 'heap') => ({ kind, begin, end: begin + pages }) as Stretch;
const list = [stretch(700, 900), stretch(5000, 1), stretch(6000, 40, 'metadata'), stretch(34_000_000_000, 513)];
const pagesOf = (each: Stretch) => Array.from({ length: each.end - each.begin }, (_, i) => each.begin + i);

describe('layout', () => {
  it.each([2, 4, 16, 24])('leads from each page to its place and back, with cells of %i', (cell) => {
    const layout = layoutOf(list, cell, 1100, 60);
    for (const page of list.filter((each) => each.kind === 'heap').flatMap(pagesOf)) {
      const box = boxOfPage(layout, page);
      expect(box && pageAtPlace(layout, box.x, box.y)).toBe(page);
      expect(box && pageAtPlace(layout, box.x + cell - 0.5, box.y + cell - 0.5)).toBe(page);
    }
  });

  it('has a frame of 2 MiB in a row where there is room, else a part of one', () => {
    expect(layoutOf(list, 2, 1100, 60).across).toBe(512);
    expect(layoutOf(list, 2, 700, 60).across).toBe(256);
    expect(layoutOf(list, 16, 1100, 60).across).toBe(64);
    const layout = layoutOf([stretch(1024, 1024)], 2, 1100, 60);
    expect(boxOfPage(layout, 1536)?.y).toBe((boxOfPage(layout, 1024)?.y ?? 0) + 3);
  });

  it('has nothing before a stretch, after it, in headings, and of tables of the allocator', () => {
    const layout = layoutOf(list, 4, 1100, 60);
    expect(boxOfPage(layout, 699)).toBeNull();
    expect(boxOfPage(layout, 6001)).toBeNull();
    expect(pageAtPlace(layout, 70, 3)).toBeNull();
    expect(pageAtPlace(layout, 10, 40)).toBeNull();
    expect(pageAtPlace(layout, 70, layout.height + 50)).toBeNull();
  });

  it('takes the greatest cells that fit', () => {
    expect(fittingCell([stretch(0, 64)], 1100, 60, 500)).toBe(16);
    expect(fittingCell([stretch(0, 512 * 200)], 1100, 60, 1500)).toBe(3);
    expect(fittingCell([stretch(0, 512 * 9000)], 1100, 60, 700)).toBe(2);
  });
});

describe('nextSize', () => {
  it('goes to the next of the sizes also from one that is none, and stays at the ends', () => {
    expect([nextSize(9, 1), nextSize(9, -1), nextSize(24, 1), nextSize(2, -1)]).toEqual([12, 8, 24, 2]);
  });
});

describe('steps', () => {
  const layout = layoutOf(list, 4, 1100, 60);

  it('go over the ends of rows and of stretches, and stop at the ends of the map', () => {
    expect(stepFrom(layout, null, 1, 0)).toBe(700);
    expect(stepFrom(layout, 700, 1, 0)).toBe(701);
    expect(stepFrom(layout, 700, 0, 1)).toBe(700 + layout.across);
    expect(stepFrom(layout, 1599, 1, 0)).toBe(5000);
    expect(stepFrom(layout, 5000, 0, -1)).toBe(1599);
    expect(stepFrom(layout, 5000, 0, 1)).toBe(34_000_000_000);
    expect(stepFrom(layout, 700, -1, 0)).toBe(700);
    expect(stepFrom(layout, 700, Infinity, 0)).toBe(34_000_000_512);
    expect(stepFrom(layout, null, Infinity, 0)).toBe(34_000_000_512);
    expect(stepFrom(layout, 5000, -Infinity, 0)).toBe(700);
  });

  it('begin anew where the page is gone', () => {
    expect(stepFrom(layout, 12, 1, 0)).toBe(700);
    expect(stepFrom(layoutOf([], 4, 1100, 60), null, 1, 0)).toBeNull();
  });
});
