// SPDX-License-Identifier: MIT
// The map itself: of all rows the ones in sight, drawn from the answers as they are.
import type { RefObject } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { colourOf, cssOf, kind } from '~/draw/palette';
import { Raster } from '~/draw/raster';
import { Canvas, useSize } from '~/parts/canvas';
import type { Drawing, Surface } from '~/parts/canvas';
import type { Place } from '~/state/state';
import { isMoving } from '~/store/view';
import { formatBytes } from '~/text/format';
import { boxOfPage, fittingCell, layoutOf, pageAtPlace, rowTop, stepFrom } from './layout';
import type { Band, Layout } from './layout';
import { inksOf } from './inks';
import { paintPages, rowsBetween } from './paint';
import type { Ink, Painting } from './paint';
import { PAGE_BYTES, pageAt } from './stretches';
import type { Stretches } from './stretches';
import { pageWords, stretchName, stretchWords } from './words';
import { hex } from '~/text/words';

const GUTTER_PIXELS = 104; // for addresses
const GUTTER_LEAST = 620; // width of a map that has one
const LABEL_PIXELS = 15; // from address to address
const TEXT_PIXELS = 12;

interface SheetProps {
  pages: Stretches;
  ink: Ink;
  isShown: Painting['isShown'];
  isByZone: boolean;
  nameOf: (classNumber: number) => string;
  moreOf: (page: number) => string[];
  cell: number | null; // null: all should fit
  place: Place | null;
  cursor: number | null;
  onCursor: (page: number) => void;
  onOpen: (page: number) => void;
  onZoom: (cell: number, steps: number) => void;
  /** First and end page of what is in sight. */
  onSight: (begin: number, end: number) => void;
}

/** Heights of the map that are in sight. */
interface Sight {
  top: number;
  bottom: number;
}

export function Sheet(props: SheetProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const [scroll, setScroll] = useState(0);
  const { list } = props.pages;
  const gutter = width >= GUTTER_LEAST ? GUTTER_PIXELS : 0;
  const cell = useCell(props, width, gutter, height);
  const layout = useMemo(() => layoutOf(list, cell, width, gutter), [list, cell, width, gutter]);
  const top = Math.max(0, Math.min(scroll, layout.height - height));
  useSight(layout, { top, bottom: top + height }, props.onSight);
  useFollow(scroller, layout, props.cursor);
  const drawing = useDrawing(props, layout, top);
  return (
    <div class="map-sheet" ref={scroller} onScroll={(event) => setScroll(event.currentTarget.scrollTop)}>
      <div style={{ height: `${layout.height}px` }}>
        <div class="map-window" style={{ height: `${height}px` }}>
          {width > 0 && (
            <Canvas
              label="Page map: arrow keys move from page to page, Enter lists a page's blocks, + and - change the size"
              width={width}
              height={height}
              drawing={drawing}
              cursor={props.cursor}
              onCursor={props.onCursor}
              onOpen={props.onOpen}
              onZoom={(steps) => props.onZoom(cell, steps)}
              card={(page) => <Card page={page} {...props} />}
            />
          )}
        </div>
      </div>
    </div>
  );
}

/** While somebody drags the size stays, so that pages do not jump. */
function useCell({ pages, cell }: SheetProps, width: number, gutter: number, height: number): number {
  const fitting = useRef<number>(0);
  const key = useRef('');
  const size = `${width} ${height} ${pages.list[0]?.address ?? 0}`;
  return useMemo(() => {
    if (!isMoving.value || key.current !== size) fitting.current = fittingCell(pages.list, width, gutter, height);
    key.current = size;
    return cell ?? fitting.current;
  }, [pages.list, cell, size, gutter, isMoving.value]);
}

function Card({ page, pages, nameOf, moreOf }: SheetProps & { page: number }) {
  return (
    <>
      <b class="mono">{hex(page * PAGE_BYTES)}</b>
      {[whereOf(pages, page, nameOf), ...pageWords(pageAt(pages, page), nameOf), ...moreOf(page)].map((line) => (
        <div key={line}>{line}</div>
      ))}
    </>
  );
}

function whereOf({ list }: Stretches, page: number, nameOf: SheetProps['nameOf']): string {
  const stretch = list.find((each) => page >= each.begin && page < each.end);
  return stretch ? stretchName(stretch, nameOf) : '';
}

function useSight(layout: Layout, { top, bottom }: Sight, onSight: SheetProps['onSight']): void {
  const inSight = layout.bands.filter((band) => band.rows > 0 && band.top <= bottom && band.top + band.height >= top);
  const [first, last] = [inSight[0], inSight.at(-1)];
  const begin = first ? Math.max(first.begin, rowsBetween(layout, first, top, bottom).first * layout.across) : 0;
  const end = last ? Math.min(last.end, rowsBetween(layout, last, top, bottom).end * layout.across) : 0;
  useEffect(() => onSight(begin, end), [begin, end]);
}

/** Brings the page under the cursor into sight when it moves there. */
function useFollow(scroller: RefObject<HTMLDivElement | null>, layout: Layout, page: number | null): void {
  useEffect(() => {
    const element = scroller.current;
    const box = page === null ? null : boxOfPage(layout, page);
    if (!element || !box) return;
    if (box.y < element.scrollTop) element.scrollTop = box.y - layout.cell;
    else if (box.y + box.height > element.scrollTop + element.clientHeight)
      element.scrollTop = box.y + 2 * layout.cell - element.clientHeight;
  }, [page, layout.cell, layout.across]);
}

function useDrawing(props: SheetProps, layout: Layout, top: number): Drawing {
  const { pages, ink, isShown, isByZone, nameOf, place } = props;
  const image = useRef<ImageData | null>(null);
  const draw = useMemo(
    () => (surface: Surface) => {
      const { context, width, height, ratio, style } = surface;
      if (image.current?.width !== width || image.current.height !== height)
        image.current = context.createImageData(width, height);
      const isHatched = (stretch: number) => isByZone && kind(stretch).isHatched;
      const inks = inksOf(style);
      const painting = { layout, pages, scroll: top, ratio, inks, ink, isShown, isHatched };
      paintPages(Raster.of(image.current), painting);
      context.putImageData(image.current, 0, 0);
      drawWords(surface, painting, isByZone, nameOf);
      if (place) drawPlace(surface, painting, place);
    },
    [pages, layout, top, ink, isShown, isByZone, nameOf, place],
  );
  const boxOf = (page: number) => {
    const box = boxOfPage(layout, page);
    return box && { ...box, y: box.y - top };
  };
  return {
    draw,
    boxOf,
    cellAt: (x, y) => pageAtPlace(layout, x, y + top),
    step: (page, right, down) => stepFrom(layout, page, right, down),
    describe: (page) =>
      [`page ${hex(page * PAGE_BYTES)}`, whereOf(pages, page, nameOf), ...pageWords(pageAt(pages, page), nameOf)].join(
        ', ',
      ),
  };
}

function drawWords(
  { context, ratio, height, style }: Surface,
  painting: Painting,
  isByZone: boolean,
  nameOf: SheetProps['nameOf'],
) {
  const { layout, pages, scroll } = painting;
  context.setTransform(ratio, 0, 0, ratio, 0, -scroll * ratio);
  context.textBaseline = 'middle';
  const inSight = layout.bands.filter(
    (band) => band.top <= scroll + height / ratio && band.top + band.height >= scroll,
  );
  for (const band of inSight) {
    const stretch = pages.list[band.stretch];
    if (!stretch) continue;
    const y = band.top + 11;
    const name = stretchName(stretch, nameOf);
    const hasKind = isByZone && band.rows > 0;
    const x = hasKind ? 16 : 0;
    if (hasKind) drawKind(context, band, y);
    context.font = `600 ${TEXT_PIXELS}px ${style('--font')}`;
    context.fillStyle = style('--text');
    context.fillText(name, x, y);
    const after = x + context.measureText(name).width + 10;
    context.font = `${TEXT_PIXELS}px ${style('--font')}`;
    context.fillStyle = style('--quiet');
    const before = pages.list[band.stretch - 1];
    const gap = before ? stretch.begin - before.end : 0;
    const words = gap > 0 ? `   after a gap of ${formatBytes(gap * PAGE_BYTES)}` : '';
    context.fillText(`${hex(stretch.begin * PAGE_BYTES)}  ${stretchWords(stretch)}${words}`, after, y);
    drawAddresses(context, painting, band, height / ratio, style);
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
}

function drawKind(context: CanvasRenderingContext2D, band: Band, y: number): void {
  context.fillStyle = cssOf(kind(band.stretch).colour);
  context.fillRect(0, y - 5, 10, 10);
}

/** Beside the rows, as close as they can be read. */
function drawAddresses(
  context: CanvasRenderingContext2D,
  painting: Painting,
  band: Band,
  height: number,
  style: Surface['style'],
) {
  const { layout, scroll } = painting;
  if (layout.gutter === 0) return;
  context.font = `11px ${style('--mono')}`;
  const { first, end } = rowsBetween(layout, band, scroll, scroll + height);
  let free = -Infinity;
  for (let row = first; row < end; row++) {
    const y = rowTop(layout, band, row);
    if (y < free) continue;
    context.fillText(hex(row * layout.across * PAGE_BYTES), 0, y + Math.min(layout.cell, LABEL_PIXELS) / 2);
    free = y + LABEL_PIXELS;
  }
}

/** An outline around the selected stretch of memory, row by row. */
function drawPlace({ context, ratio, style }: Surface, painting: Painting, place: Place): void {
  const { layout, scroll } = painting;
  const first = Math.floor(place.address / PAGE_BYTES);
  const end = Math.ceil((place.address + place.bytes) / PAGE_BYTES);
  const bottom = scroll + context.canvas.height / ratio;
  context.setTransform(ratio, 0, 0, ratio, 0, -scroll * ratio);
  context.strokeStyle = cssOf(colourOf(style('--accent')));
  context.lineWidth = 2;
  for (const band of layout.bands) {
    if (band.rows === 0 || end <= band.begin || first >= band.end) continue;
    const rows = rowsBetween(layout, band, scroll, bottom);
    const last = Math.floor((Math.min(end, band.end) - 1) / layout.across);
    for (let row = Math.max(rows.first, Math.floor(first / layout.across)); row < rows.end && row <= last; row++) {
      const begin = row * layout.across;
      const left = Math.max(first, begin, band.begin) - begin;
      const right = Math.min(end, begin + layout.across, band.end) - begin;
      const y = rowTop(layout, band, row);
      const { cell, gutter } = layout;
      context.strokeRect(gutter + left * cell - 1, y - 1, (right - left) * cell + 1, cell + 1);
    }
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
}
