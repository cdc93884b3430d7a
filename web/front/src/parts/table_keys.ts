// SPDX-License-Identifier: MIT
// The keys of lists for tables: rows, order, and the next row that was searched for. Of several tables on a page they
// belong to the one that has the focus, else to the first.
import { useEffect, useRef } from 'preact/hooks';
import { usePageActions } from '~/keys/actions';
import type { Actions } from '~/keys/actions';
import { view } from '~/store/view';
import type { TableColumn } from './table';

interface Keyed {
  scroller: { current: HTMLElement | null };
  columns: readonly TableColumn[];
  /** Numbers of rows in the order in which they are shown. */
  rows: readonly number[];
  rowPixels: number;
  sort: string | undefined;
  onSort: (sort: string) => void;
  /** Rows can be walked. */
  isWalked: boolean;
}

const tables: { current: Keyed }[] = [];
const FRAMES_MOST = 60; // until a row is drawn
const HEADING_ROWS = 2; // before the first: rows are counted from 1, the heading is one

function chosen(): Keyed | undefined {
  const seen = tables.map((table) => table.current).filter(({ scroller }) => scroller.current?.closest('main'));
  const isBefore = (one: Keyed, other: Keyed) =>
    one.scroller.current && other.scroller.current
      ? one.scroller.current.compareDocumentPosition(other.scroller.current) & Node.DOCUMENT_POSITION_FOLLOWING
      : 0;
  seen.sort((one, other) => (isBefore(one, other) ? -1 : 1));
  return seen.find(({ scroller }) => scroller.current?.contains(document.activeElement)) ?? seen[0];
}

/** The column that is sorted by so many further, numbers with the greatest first. */
export function sortFurther(columns: readonly TableColumn[], sort: string | undefined, step: number): string | null {
  const sorted = columns.filter((column) => column.order);
  const at = sorted.findIndex((column) => column.name === sort?.replace('-', ''));
  const next = sorted[at < 0 ? (step > 0 ? 0 : sorted.length - 1) : (at + step + sorted.length) % sorted.length];
  return next ? `${next.isNumber ? '-' : ''}${next.name}` : null;
}

/** The next place after one whose row has the text in a column that is sorted by words; -1: none has. */
export function nextFound(table: Pick<Keyed, 'columns' | 'rows'>, from: number, step: 1 | -1, text: string): number {
  const wanted = text.toLowerCase();
  const has = (row: number) =>
    table.columns.some((column) => {
      const value = column.order?.(row);
      return typeof value === 'string' && value.toLowerCase().includes(wanted);
    });
  const count = table.rows.length;
  for (let i = 1; i <= count; i++) {
    const place = (((from + i * step) % count) + count) % count;
    if (has(table.rows[place] ?? 0)) return place;
  }
  return -1;
}

// Where a table was left: a row that scrolls out of sight takes the focus with it.
const left = new WeakMap<HTMLElement, number>();

function placeOf(table: Keyed): number {
  const scroller = table.scroller.current;
  const row = document.activeElement?.closest('tr');
  const number = row && scroller?.contains(row) ? row.getAttribute('aria-rowindex') : null;
  if (number !== null) return Number(number) - HEADING_ROWS;
  return scroller && document.activeElement === document.body ? (left.get(scroller) ?? -1) : -1;
}

// A row that is far away is drawn only once the table has been scrolled there.
function focusRow(table: Keyed, place: number): void {
  const scroller = table.scroller.current;
  if (!scroller || place < 0) return;
  left.set(scroller, place);
  const find = () => scroller.querySelector<HTMLElement>(`tr[aria-rowindex="${place + HEADING_ROWS}"]`);
  const focus = (frames: number) => {
    const row = find();
    if (row) row.focus();
    else if (frames > 0 && left.get(scroller) === place) requestAnimationFrame(() => focus(frames - 1));
  };
  if (!find()) scroller.scrollTop = place * table.rowPixels - scroller.clientHeight / 2;
  focus(FRAMES_MOST);
}

function move(to: (at: number, count: number) => number): void {
  const table = chosen();
  if (table) focusRow(table, Math.max(0, Math.min(table.rows.length - 1, to(placeOf(table), table.rows.length))));
}

function sortBy(next: (table: Keyed) => string | null): void {
  const table = chosen();
  const sort = table ? next(table) : null;
  if (sort !== null) table?.onSort(sort);
}

function search(step: 1 | -1): void {
  const table = chosen();
  const text = view.peek().search;
  if (table && text !== '') focusRow(table, nextFound(table, placeOf(table), step, text));
}

const ofRows: Actions = {
  DOWN: () => move((at) => at + 1),
  UP: () => move((at) => at - 1),
  FIRST: () => move(() => 0),
  LAST: (): void => move((_, count) => count - 1),
  SEARCH_NEXT: () => search(1),
  SEARCH_PREVIOUS: () => search(-1),
};

const ofOrder: Actions = {
  SORT_NEXT: () => sortBy(({ columns, sort }) => sortFurther(columns, sort, 1)),
  SORT_PREVIOUS: () => sortBy(({ columns, sort }) => sortFurther(columns, sort, -1)),
  SORT_REVERSE: () => sortBy(({ sort }) => (sort ? (sort.startsWith('-') ? sort.slice(1) : `-${sort}`) : null)),
};

export function useTableKeys(table: Keyed): void {
  const held = useRef(table);
  held.current = table;
  useEffect(() => {
    tables.push(held);
    return () => void tables.splice(tables.indexOf(held), 1);
  }, []);
  const isSorted = table.columns.some((column) => column.order);
  usePageActions({
    ...(table.isWalked && table.rows.length > 0 ? ofRows : {}),
    ...(isSorted ? ofOrder : {}),
  });
}
