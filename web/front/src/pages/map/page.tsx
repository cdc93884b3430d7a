// SPDX-License-Identifier: MIT
// The page map of a process at the moment: which pages are full, of what, for how long, and which are held by little.
// While somebody drags only the pages in sight are asked for; what needs a look at all blocks waits until they stop.
import './map.css';
import { useCallback, useMemo, useRef, useState } from 'preact/hooks';
import { usePageActions } from '~/keys/actions';
import { Answered } from '~/parts/answered';
import { NotFiltered } from '~/parts/not_filtered';
import type { Page } from '~/pages/page';
import { rowsOf } from '~/source/rows';
import { useBlob, useRows } from '~/source/use_answer';
import { colours } from '~/state/state';
import { passingOf } from '~/store/passing';
import { change, isMoving, resolved, select, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount, formatShare } from '~/text/format';
import { PageCard } from './card';
import { FillStrip } from './fill_strip';
import { COLOURED_CLASSES, inkOf, passingBytes } from './inks';
import { SIZES, nextSize } from './layout';
import { ColourChooser, Legend } from './legend';
import { Sheet } from './sheet';
import { shownPages } from './shown';
import { PAGE_BYTES, birthAt, stretchesOf } from './stretches';
import type { Stretch, Stretches } from './stretches';
import { stretchName } from './words';

const WHOLE_PAGES = 1 << 17; // of heaps that are asked for at once
const WINDOW_PAGES = 1 << 15; // larger ones by windows of so many, around what is in sight

interface Window {
  begin_address: number;
  end_address: number;
}

const HEADS: Window = { begin_address: 0, end_address: 0 };

function sizeOf(list: readonly Stretch[]): number {
  return list.reduce((sum, { kind, begin, end }) => sum + (kind === 'metadata' ? 0 : end - begin), 0);
}

/** The pages to ask for: all of them, or of a large heap those around what is in sight. */
function windowOf(list: readonly Stretch[] | undefined, sight: { begin: number; end: number }): Partial<Window> {
  if (!list) return HEADS;
  if (sizeOf(list) <= WHOLE_PAGES) return {};
  const begin = Math.floor(sight.begin / WINDOW_PAGES) * WINDOW_PAGES;
  const end = Math.ceil(sight.end / WINDOW_PAGES) * WINDOW_PAGES;
  return { begin_address: begin * PAGE_BYTES, end_address: end * PAGE_BYTES };
}

function decoded(answer: ArrayBuffer | undefined, pageBytes: number): Stretches | null {
  return answer ? stretchesOf(answer, pageBytes) : null;
}

/** The answers that the map is drawn from. */
function useMap() {
  const { reel, process, colour, selection, filter } = view.value;
  const [sight, setSight] = useState({ begin: 0, end: 0 });
  const known = useRef<{ key: string; list: readonly Stretch[] } | null>(null);
  const key = `${reel} ${process}`;
  const window = windowOf(known.current?.key === key ? known.current.list : undefined, sight);
  const parameters = { t: t.value, process, ...window };
  const rested = isMoving.value ? null : parameters;
  const asked = useBlob(reel, 'Pages', parameters);
  const ages = useBlob(reel, 'PageAges', colour === 'age' ? rested : null);
  const passing = passingOf(selection, filter, true);
  const kept = useBlob(reel, 'StackPages', passing && rested ? { ...rested, ...passing } : null);
  const hasAnswer = passing !== null && kept.refusal === undefined;
  const classes = useRows(reel, 'Classes', isMoving.value ? null : { t: t.value, process });
  const pages = useMemo(() => decoded(asked.value, 8), [asked.value]);
  if (pages) known.current = { key, list: pages.list };
  return {
    asked,
    pages,
    ages: useMemo(() => (colour === 'age' ? decoded(ages.value, 8) : null), [ages.value, colour]),
    /** What keeps its colours; its answer may be missing. */
    passing,
    kept: useMemo(() => (hasAnswer ? decoded(kept.value, 2) : null), [kept.value, hasAnswer]),
    refusal: passing === null ? undefined : kept.refusal,
    classes: useMemo(() => (classes.value ? rowsOf(classes.value.columns) : []), [classes.value]),
    onSight: useCallback((begin: number, end: number) => setSight({ begin, end }), []),
  };
}

type Map = ReturnType<typeof useMap>;

/** Classes with a colour: of those with most bytes, in the order of their sizes. */
function coloured({ classes }: Map): number[] {
  const most = [...classes].sort((left, right) => right.usable_bytes - left.usable_bytes).slice(0, COLOURED_CLASSES);
  return most.map((each) => each.class_number).sort((left, right) => left - right);
}

/** Which pages are not grey. */
function useShown({ pages, passing, kept }: Map) {
  const { selection, filter } = view.value;
  const classes = [selection.class, filter.class];
  const key = JSON.stringify([passing, ...classes]);
  return useMemo(
    () => pages && shownPages(pages, { passing, classes, answer: kept, isMoving: isMoving.value }),
    [pages, kept, key, isMoving.value],
  );
}

function nextColour(): void {
  const next = colours[(colours.indexOf(view.peek().colour) + 1) % colours.length];
  change({ colour: next ?? 'fill' }, 'push');
}

function Content() {
  const map = useMap();
  usePageActions({ COLOUR: nextColour });
  return (
    <div class="map">
      <Answered asked={map.asked} what="pages">
        {() => map.pages && (map.pages.list.length === 0 ? <Empty /> : <Whole map={map} pages={map.pages} />)}
      </Answered>
    </div>
  );
}

function Empty() {
  return (
    <p class="note">
      No page holds a block at this moment: the program had allocated nothing yet, or the process does not run. Move the
      cursor on, or press P for the peak.
    </p>
  );
}

function Whole({ map, pages }: { map: Map; pages: Stretches }) {
  const { colour, selection } = view.value;
  const events = resolved.value?.events ?? 0;
  const [cell, setCell] = useState<number | null>(null);
  const [cursor, setCursor] = useState<number | null>(null);
  const classKey = coloured(map).join();
  const classes = useMemo(() => (classKey === '' ? [] : classKey.split(',').map(Number)), [classKey]);
  const ink = useMemo(
    () => inkOf(colour, pages, { classes, ages: map.ages, passing: map.kept, events }),
    [colour, pages, classes, map.ages, map.kept, colour === 'age' ? events : 0],
  );
  const isShown = useShown(map);
  const nameOf = useCallback(
    (number: number) => {
      const size = map.classes.find((each) => each.class_number === number);
      return size ? classSize(size) : `#${number}`;
    },
    [map.classes],
  );
  const process = pages.list[0]?.process ?? 0;
  const place = selection.place && [0, process].includes(selection.place.process) ? selection.place : null;
  const page = place && Math.floor(place.address / PAGE_BYTES);
  const where = pages.list.find((each) => page !== null && page >= each.begin && page < each.end);
  return (
    <>
      <Title list={pages.list} process={process} onZoom={setCell} cell={cell} />
      <Legend
        classes={classes}
        nameOf={nameOf}
        isDimmed={isShown !== null}
        zones={pages.list
          .map((each, number) => ({ name: stretchName(each, nameOf), number, go: () => setCursor(each.begin) }))
          .filter(({ number }) => pages.list[number]?.kind !== 'metadata')}
      />
      <NotFiltered refusal={map.refusal} />
      <div class="map-body">
        <Sheet
          pages={pages}
          ink={ink}
          isShown={isShown}
          isByZone={colour === 'zone'}
          nameOf={nameOf}
          moreOf={(number) => moreOf(map, number)}
          cell={cell}
          place={place}
          cursor={cursor ?? page}
          onCursor={setCursor}
          onOpen={(number) => select({ place: { process, address: number * PAGE_BYTES, bytes: PAGE_BYTES } })}
          onZoom={(from, step) => setCell(nextSize(from, step))}
          onSight={map.onSight}
        />
        {page !== null && (
          <PageCard process={process} page={page} where={where ? stretchName(where, nameOf) : ''} nameOf={nameOf} />
        )}
      </div>
      <FillStrip process={process} />
    </>
  );
}

/** What only some ways of colouring, and what passes, tell of a page. */
function moreOf({ ages, kept }: Map, page: number): string[] {
  const birth = ages && birthAt(ages, page);
  const lines = birth === null ? [] : [`oldest block: born by event ${formatCount(birth)}`];
  return kept ? [...lines, `${formatBytes(passingBytes(kept)(page))} of what is selected and passes`] : lines;
}

interface TitleProps {
  list: readonly Stretch[];
  process: number;
  cell: number | null;
  onZoom: (cell: number | null) => void;
}

function Title({ list, process, cell, onZoom }: TitleProps) {
  const sum = (value: (stretch: Stretch) => number) => list.reduce((all, each) => all + value(each), 0);
  const occupied = sum((each) => each.occupiedPages);
  const [bytes, retained] = [occupied * PAGE_BYTES, sum((each) => each.retainedBytes)];
  return (
    <div class="row">
      <strong>
        {formatShare(
          sum((each) => each.liveBytes),
          bytes,
        )}{' '}
        full
      </strong>
      <span title={exactBytes(bytes)}>
        {formatCount(occupied)} pages, {formatBytes(bytes)}
      </span>
      <span title={exactBytes(retained)}>retained {formatBytes(retained)}</span>
      {view.value.process === 0 && process > 1 && (
        <span class="quiet">process {process}: the one with the most live bytes</span>
      )}
      <span class="map-tools row">
        <ColourChooser />
        <label class="row">
          <span class="quiet">Page</span>
          <select
            value={cell ?? ''}
            onChange={(event) => onZoom(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))}
          >
            <option value="">fit</option>
            {SIZES.map((size) => (
              <option key={size} value={size}>
                {size} pixels
              </option>
            ))}
          </select>
        </label>
      </span>
    </div>
  );
}

export const page: Page = { name: 'map', Content };
