// SPDX-License-Identifier: MIT
// Where a page is drawn, and what lies at a place: pure arithmetic. A row is a frame of 2 MiB, or where cells are large a
// half, a quarter and so on of one; frames stand a pixel apart. Stretches come one after the other under their headings;
// what lies between them is left out.
import type { Box } from '~/parts/canvas';
import type { Stretch } from './stretches';

const FRAME_PAGES = 512;
const FRAME_GAP = 1;
const HEADING_PIXELS = 22;
const AFTER_PIXELS = 8; // below a stretch
export const SIZES = [2, 3, 4, 6, 8, 12, 16, 24] as const;

export interface Band {
  stretch: number;
  /** Of its heading, in pixels from the top of the map. */
  top: number;
  height: number;
  firstRow: number; // rows are numbered by the addresses of their pages
  rows: number;
  begin: number;
  end: number;
}

export interface Layout {
  bands: readonly Band[];
  cell: number;
  gutter: number;
  /** Pages in a row: a power of two. */
  across: number;
  height: number;
}

function rowsPerFrame(across: number): number {
  return FRAME_PAGES / across;
}

/** Pixels from row 0 of the address space, as if all of it were drawn. */
function depthOf(row: number, { cell, across }: Pick<Layout, 'cell' | 'across'>): number {
  return row * cell + Math.floor(row / rowsPerFrame(across)) * FRAME_GAP;
}

export function layoutOf(list: readonly Stretch[], cell: number, width: number, gutter: number): Layout {
  const room = Math.max(8, Math.floor((width - gutter) / cell));
  const across = Math.min(FRAME_PAGES, 2 ** Math.floor(Math.log2(room)));
  const bands: Band[] = [];
  let top = 0;
  list.forEach(({ kind, begin, end }, stretch) => {
    const isDrawn = kind !== 'metadata' && end > begin;
    const firstRow = Math.floor(begin / across);
    const rows = isDrawn ? Math.floor((end - 1) / across) - firstRow + 1 : 0;
    const pixels = depthOf(firstRow + rows, { cell, across }) - depthOf(firstRow, { cell, across });
    const height = HEADING_PIXELS + (isDrawn ? pixels + AFTER_PIXELS : 0);
    bands.push({ stretch, top, height, firstRow, rows, begin, end });
    top += height;
  });
  return { bands, cell, gutter, across, height: top };
}

const FITTING_MAX = 16;

/** The greatest cells with which all fits into a height; the smallest, if none do. */
export function fittingCell(list: readonly Stretch[], width: number, gutter: number, height: number): number {
  for (let cell = FITTING_MAX; cell > SIZES[0]; cell--) {
    if (layoutOf(list, cell, width, gutter).height <= height) return cell;
  }
  return SIZES[0];
}

/** The next of the sizes: up for a step of 1. */
export function nextSize(cell: number, step: number): number {
  const next = step > 0 ? SIZES.find((size) => size > cell) : SIZES.findLast((size) => size < cell);
  return next ?? cell;
}

export function rowTop(layout: Layout, band: Band, row: number): number {
  return band.top + HEADING_PIXELS + depthOf(row, layout) - depthOf(band.firstRow, layout);
}

/** The band at a height, or the nearest one above. */
function bandAt({ bands }: Layout, y: number): Band | undefined {
  let [low, high] = [0, bands.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((bands[middle]?.top ?? 0) <= y) low = middle + 1;
    else high = middle;
  }
  return bands[low - 1];
}

/** The row of a band at a height in the map, which may lie outside of it. */
export function rowAt(layout: Layout, band: Band, y: number): number {
  const depth = y - band.top - HEADING_PIXELS + depthOf(band.firstRow, layout);
  const frame = rowsPerFrame(layout.across) * layout.cell + FRAME_GAP;
  const inFrame = Math.floor((depth % frame) / layout.cell);
  return Math.floor(depth / frame) * rowsPerFrame(layout.across) + Math.min(inFrame, rowsPerFrame(layout.across) - 1);
}

/** The page at a place; null: none is drawn there. */
export function pageAtPlace(layout: Layout, x: number, y: number): number | null {
  const band = bandAt(layout, y);
  const column = Math.floor((x - layout.gutter) / layout.cell);
  if (!band || band.rows === 0 || y < band.top + HEADING_PIXELS || column < 0 || column >= layout.across) return null;
  const row = rowAt(layout, band, y);
  const page = row * layout.across + column;
  return row < band.firstRow + band.rows && page >= band.begin && page < band.end ? page : null;
}

function bandOf({ bands }: Layout, page: number): Band | undefined {
  return bands.find((band) => band.rows > 0 && page >= band.begin && page < band.end);
}

export function boxOfPage(layout: Layout, page: number): Box | null {
  const band = bandOf(layout, page);
  if (!band) return null;
  const row = Math.floor(page / layout.across);
  const x = layout.gutter + (page % layout.across) * layout.cell;
  return { x, y: rowTop(layout, band, row), width: layout.cell, height: layout.cell };
}

/** The page so many to the right and down, over the ends of bands; null: there are none. */
export function stepFrom(layout: Layout, page: number | null, right: number, down: number): number | null {
  const drawn = layout.bands.filter((band) => band.rows > 0);
  const at = page === null ? -1 : drawn.findIndex((band) => page >= band.begin && page < band.end);
  const band = drawn[at];
  const last = drawn.at(-1);
  if (right === Infinity && last) return last.end - 1;
  if (page === null || !band || right === -Infinity) return drawn[0]?.begin ?? null;
  const wanted = page + right + down * layout.across;
  if (wanted >= band.begin && wanted < band.end) return wanted;
  const isOn = wanted > page;
  const next = drawn[at + (isOn ? 1 : -1)];
  if (next) return isOn ? next.begin : next.end - 1;
  return isOn ? band.end - 1 : band.begin;
}
