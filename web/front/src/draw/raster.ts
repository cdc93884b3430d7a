// SPDX-License-Identifier: MIT
// Boxes in an array of pixels: drawings of a million cells are made here and put on the canvas at once.
import type { Colour } from './palette';

/** In pixels; whole numbers. */
export interface PixelBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

const HATCH_PIXELS = 4; // from line to line
const FEW_PIXELS = 32; // written one by one: a map has a hundred thousand cells of a few pixels

/** Pixels row by row, as an ImageData has them. */
export class Raster {
  constructor(
    readonly pixels: Uint32Array,
    readonly width: number,
    readonly height: number,
  ) {}

  static of(image: ImageData): Raster {
    return new Raster(new Uint32Array(image.data.buffer), image.width, image.height);
  }

  /** What lies outside is left out. */
  fill(x: number, y: number, width: number, height: number, colour: Colour): void {
    const left = Math.max(x, 0);
    const right = Math.min(x + width, this.width);
    const bottom = Math.min(y + height, this.height);
    if (left >= right) return;
    for (let row = Math.max(y, 0); row < bottom; row++) {
      const [from, to] = [row * this.width + left, row * this.width + right];
      if (to - from > FEW_PIXELS) this.pixels.fill(colour, from, to);
      else for (let at = from; at < to; at++) this.pixels[at] = colour;
    }
  }

  /** Diagonal lines over a box. They go on from one box to the next. */
  hatch(x: number, y: number, width: number, height: number, colour: Colour): void {
    const right = Math.min(x + width, this.width);
    const bottom = Math.min(y + height, this.height);
    for (let row = Math.max(y, 0); row < bottom; row++) {
      const first = Math.max(x, 0);
      const offset = (HATCH_PIXELS - ((first + row) % HATCH_PIXELS)) % HATCH_PIXELS;
      for (let column = first + offset; column < right; column += HATCH_PIXELS) {
        this.pixels[row * this.width + column] = colour;
      }
    }
  }
}

/** Where each of `count` cells begins in `pixels`, and the end of the last: equal but for a pixel. */
export function edges(count: number, pixels: number): Int32Array {
  return Int32Array.from({ length: count + 1 }, (_, cell) => Math.round((cell * pixels) / count));
}

/** Cells of a table in a box, by rows; a null colour leaves the ground. */
export function fillCells(
  raster: Raster,
  box: PixelBox,
  columns: number,
  rows: number,
  colour: (row: number, column: number) => Colour | null,
): void {
  const across = edges(columns, box.width);
  const down = edges(rows, box.height);
  for (let row = 0; row < rows; row++) {
    const top = down[row] ?? 0;
    const height = (down[row + 1] ?? 0) - top;
    for (let column = 0; column < columns; column++) {
      const inked = colour(row, column);
      const left = across[column] ?? 0;
      if (inked !== null) raster.fill(box.x + left, box.y + top, (across[column + 1] ?? 0) - left, height, inked);
    }
  }
}

/** The cell of `count` in `pixels` that a place lies in; null outside. */
export function cellOf(place: number, count: number, pixels: number): number | null {
  if (place < 0 || place >= pixels || count === 0) return null;
  return Math.min(Math.floor((place * count) / pixels), count - 1);
}
