// SPDX-License-Identifier: MIT
// Boxes land where they belong, and nowhere else.
import { describe, expect, it } from 'vitest';
import { Raster, cellOf, edges, fillCells } from '~/draw/raster';

const lines = (raster: Raster) =>
  Array.from({ length: raster.height }, (_, row) =>
    Array.from(raster.pixels.subarray(row * raster.width, (row + 1) * raster.width)).join(''),
  );
const empty = (width: number, height: number) => new Raster(new Uint32Array(width * height), width, height);

describe('Raster', () => {
  it('fills a box, and of one that goes beyond the part that is inside', () => {
    const raster = empty(5, 3);
    raster.fill(1, 1, 2, 1, 7);
    raster.fill(4, -2, 9, 3, 8);
    raster.fill(9, 0, 2, 2, 9);
    expect(lines(raster)).toEqual(['00008', '07700', '00000']);
  });

  it('hatches diagonals that go on in the next box', () => {
    const both = empty(8, 2);
    both.hatch(0, 0, 8, 2, 1);
    const parts = empty(8, 2);
    parts.hatch(0, 0, 3, 2, 1);
    parts.hatch(3, 0, 50, 2, 1);
    expect(lines(both)).toEqual(['10001000', '00010001']);
    expect(lines(parts)).toEqual(lines(both));
  });
});

describe('cells', () => {
  it('share the pixels without a gap', () => {
    expect([...edges(3, 10)]).toEqual([0, 3, 7, 10]);
    const raster = empty(5, 4);
    fillCells(raster, { x: 1, y: 0, width: 4, height: 4 }, 2, 2, (row, column) =>
      row === 1 && column === 0 ? null : 1 + row * 2 + column,
    );
    expect(lines(raster)).toEqual(['01122', '01122', '00044', '00044']);
  });

  it('are found again by a place in them', () => {
    expect(cellOf(0, 3, 10)).toBe(0);
    expect(cellOf(9.9, 3, 10)).toBe(2);
    expect(cellOf(10, 3, 10)).toBeNull();
    expect(cellOf(-0.1, 3, 10)).toBeNull();
    expect(cellOf(0, 0, 10)).toBeNull();
  });
});
