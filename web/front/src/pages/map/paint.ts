// SPDX-License-Identifier: MIT
// The pages in sight as pixels. What is resident and empty is hatched, what is not resident is an outline, tables of the
// allocator have their own colour; only pages with live blocks have the colour that was chosen.
import type { Colour } from '~/draw/palette';
import type { PixelBox, Raster } from '~/draw/raster';
import { rowAt, rowTop } from './layout';
import type { Band, Layout } from './layout';
import { holderOf, offsetOf } from './stretches';
import type { Stretch, Stretches } from './stretches';

const OUTLINED_PIXELS = 5; // smaller cells have no room for an outline
const SPACED_PIXELS = 6; // larger ones stand apart

export interface Inks {
  ground: Colour;
  absent: Colour;
  retained: Colour;
  retainedHatch: Colour;
  metadata: Colour;
  grey: Colour;
}

/** Of a page with live blocks: where its bytes are in the answer, and its number. */
export type Ink = (offset: number, page: number, stretch: number) => Colour;

export interface Painting {
  layout: Layout;
  pages: Stretches;
  /** Pixels of the map above the canvas, as the layout counts them, and device pixels to one of these. */
  scroll: number;
  ratio: number;
  inks: Inks;
  ink: Ink;
  /** Others are grey; null: all are shown. */
  isShown: ((offset: number, page: number) => boolean) | null;
  isHatched?: (stretch: number) => boolean;
}

const RESIDENT = 1;
const METADATA = 4;

function outline(raster: Raster, { x, y, width, height }: PixelBox, colour: Colour, ground: Colour): void {
  raster.fill(x, y, width, height < OUTLINED_PIXELS ? Math.ceil(height / 2) : height, colour);
  if (height >= OUTLINED_PIXELS) raster.fill(x + 1, y + 1, width - 2, height - 2, ground);
}

function paintEmpty(raster: Raster, box: PixelBox, flags: number, inks: Inks): void {
  if ((flags & METADATA) !== 0) raster.fill(box.x, box.y, box.width, box.height, inks.metadata);
  else if ((flags & RESIDENT) !== 0) {
    raster.fill(box.x, box.y, box.width, box.height, inks.retained);
    raster.hatch(box.x, box.y, box.width, box.height, inks.retainedHatch);
  } else if (box.height < OUTLINED_PIXELS) raster.fill(box.x, box.y, box.width, box.height, inks.absent);
  else outline(raster, box, inks.absent, inks.ground);
}

function paintPage(raster: Raster, painting: Painting, box: PixelBox, offset: number, page: number, stretch: number) {
  const { data } = painting.pages;
  const { inks } = painting;
  const flags = data.getUint8(offset + 5);
  if (data.getUint16(offset + 2, true) === 0) return paintEmpty(raster, box, flags, inks);
  const isGrey = painting.isShown !== null && !painting.isShown(offset, page);
  const colour = isGrey ? inks.grey : painting.ink(offset, page, stretch);
  if ((flags & RESIDENT) === 0) return outline(raster, box, colour, inks.ground);
  raster.fill(box.x, box.y, box.width, box.height, colour);
  if (!isGrey && painting.isHatched?.(stretch)) raster.hatch(box.x, box.y, box.width, box.height, inks.ground);
}

function paintRow(raster: Raster, painting: Painting, band: Band, stretch: Stretch | undefined, row: number): void {
  const { layout, scroll, ratio } = painting;
  const { cell, gutter, across } = layout;
  const gap = cell * ratio >= SPACED_PIXELS ? 1 : 0;
  const y = Math.round((rowTop(layout, band, row) - scroll) * ratio);
  const height = Math.round((rowTop(layout, band, row) + cell - scroll) * ratio) - y - gap;
  const first = row * across;
  const end = Math.min(first + across, band.end);
  const box = { x: 0, y, width: 0, height };
  for (let page = Math.max(first, band.begin); page < end; page++) {
    const offset = offsetOf(stretch, page, 8);
    if (offset < 0) continue;
    const left = gutter + (page - first) * cell;
    box.x = Math.round(left * ratio);
    box.width = Math.round((left + cell) * ratio) - box.x - gap;
    paintPage(raster, painting, box, offset, page, band.stretch);
  }
}

/** Rows of a band between two heights in the map; the end may be less than the first. */
export function rowsBetween(layout: Layout, band: Band, top: number, bottom: number): { first: number; end: number } {
  const first = Math.max(band.firstRow, rowAt(layout, band, top));
  const end = Math.min(band.firstRow + band.rows, rowAt(layout, band, bottom) + 1);
  return { first, end };
}

export function paintPages(raster: Raster, painting: Painting): void {
  const { layout, scroll, ratio, pages } = painting;
  const bottom = scroll + raster.height / ratio;
  raster.pixels.fill(painting.inks.ground);
  for (const band of layout.bands) {
    if (band.rows === 0 || band.top > bottom || band.top + band.height < scroll) continue;
    const { first, end } = rowsBetween(layout, band, scroll, bottom);
    const wanted = Math.max(band.begin, first * layout.across);
    const stretch = holderOf(pages.list, wanted) ?? pages.list[band.stretch];
    for (let row = first; row < end; row++) paintRow(raster, painting, band, stretch, row);
  }
}
