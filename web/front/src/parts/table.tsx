// SPDX-License-Identifier: MIT
// A table of rows: sorted by its headings, walked with the arrow keys, drawn only where it is seen.
import { Fragment } from 'preact';
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { DRAWN_WHOLE, Gap, ROW_PIXELS, useDrawn } from './drawn_rows';
import { useTableKeys } from './table_keys';

export interface TableColumn {
  name: string;
  title: string;
  /** Explained when the pointer rests on the heading. */
  meaning?: string;
  isNumber?: boolean;
  cell: (row: number) => ComponentChildren;
  /** What it is sorted by; no order without it. */
  order?: (row: number) => number | string | null;
}

interface TableProps {
  /** What the table is, for those who do not see it. */
  label: string;
  columns: readonly TableColumn[];
  count: number;
  /** Column and direction; -name is descending. */
  sort?: string;
  onSort?: (sort: string) => void;
  isSelected?: (row: number) => boolean;
  /** Filtered out: grey, but there. */
  isDim?: (row: number) => boolean;
  onSelect?: (row: number) => void;
  /** Enter, or a double click. */
  onOpen?: (row: number) => void;
  /** Rows stand under the titles of their groups, in the order of these. */
  groups?: { titles: readonly string[]; of: (row: number) => number } | null | undefined;
  /** Shown in place of rows where there are none. */
  empty?: ComponentChildren;
}

/** Rows in the order of a column; those without a value come last. */
export function ordered(count: number, columns: readonly TableColumn[], sort: string | undefined): number[] {
  const rows = Array.from({ length: count }, (_, row) => row);
  const isDescending = sort?.startsWith('-') ?? false;
  const order = columns.find((column) => column.name === sort?.replace('-', ''))?.order;
  if (!order) return rows;
  const values = rows.map(order);
  return rows.sort((left, right) => {
    const [a, b] = [values[left] ?? null, values[right] ?? null];
    if (a === null || b === null) return a === b ? left - right : a === null ? 1 : -1;
    const difference = typeof a === 'string' || typeof b === 'string' ? String(a).localeCompare(String(b)) : a - b;
    return (isDescending ? -difference : difference) || left - right;
  });
}

/** The same rows, group by group. */
export function grouped(rows: readonly number[], groups: TableProps['groups']): readonly number[] {
  return groups ? [...rows].sort((left, right) => groups.of(left) - groups.of(right)) : rows;
}

export function Table(props: TableProps) {
  const { columns, count, groups } = props;
  const [ownSort, setOwnSort] = useState<string | undefined>(undefined);
  const sort = props.sort ?? ownSort;
  const rows = useMemo(() => grouped(ordered(count, columns, sort), groups), [count, columns, sort, groups]);
  const scroller = useRef<HTMLDivElement>(null);
  const drawn = useDrawn(scroller, rows.length);
  const changeSort = props.onSort ?? setOwnSort;
  const isWalked = props.onSelect !== undefined;
  useTableKeys({ scroller, columns, rows, rowPixels: ROW_PIXELS, sort, onSort: changeSort, isWalked });
  return (
    <div class={rows.length > DRAWN_WHOLE ? 'table is-long' : 'table'} ref={scroller} tabIndex={-1}>
      <table aria-label={props.label} aria-rowcount={rows.length + 1}>
        <thead>
          <tr>
            {columns.map((column) => (
              <Heading key={column.name} column={column} sort={sort} onSort={changeSort} />
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={walk}>
          <Gap rows={drawn.begin} span={columns.length} />
          {rows.slice(drawn.begin, drawn.end).map((row, place) => (
            <Fragment key={row}>
              <GroupTitle {...props} row={row} before={rows[drawn.begin + place - 1]} />
              <Row row={row} place={drawn.begin + place} {...props} />
            </Fragment>
          ))}
          <Gap rows={rows.length - drawn.end} span={columns.length} />
        </tbody>
      </table>
      {rows.length === 0 && <div class="note">{props.empty ?? 'Nothing here.'}</div>}
    </div>
  );
}

/** Above the first row of a group. */
function GroupTitle({ groups, columns, row, before }: TableProps & { row: number; before: number | undefined }) {
  const group = groups?.of(row);
  if (!groups || group === undefined || (before !== undefined && groups.of(before) === group)) return null;
  return (
    <tr class="group">
      <th scope="rowgroup" colSpan={columns.length}>
        {groups.titles[group]}
      </th>
    </tr>
  );
}

function Heading(props: { column: TableColumn; sort: string | undefined; onSort: (sort: string) => void }) {
  const { column, sort } = props;
  const isMine = sort?.replace('-', '') === column.name;
  const isDescending = isMine && sort?.startsWith('-') === true;
  const order = isMine ? { 'aria-sort': isDescending ? ('descending' as const) : ('ascending' as const) } : {};
  const next = isMine ? (isDescending ? column.name : '-' + column.name) : (column.isNumber ? '-' : '') + column.name;
  return (
    <th scope="col" class={column.isNumber ? 'number' : ''} title={column.meaning ?? ''} {...order}>
      {column.order ? (
        <button type="button" onClick={() => props.onSort(next)}>
          {column.title}
          <span aria-hidden="true">{isMine ? (isDescending ? ' ▾' : ' ▴') : ''}</span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

function Row(props: TableProps & { row: number; place: number }) {
  const { row, onSelect, onOpen } = props;
  const isSelected = props.isSelected?.(row) ?? false;
  const act = onSelect
    ? {
        tabIndex: 0,
        onClick: () => onSelect(row),
        onDblClick: () => onOpen?.(row),
        onKeyDown: (event: KeyboardEvent) => {
          if (event.target !== event.currentTarget) return;
          if (event.key === 'Enter') (onOpen ?? onSelect)(row);
          else if (event.key === ' ') onSelect(row);
          else return;
          event.preventDefault();
          event.stopPropagation();
        },
      }
    : {};
  return (
    <tr
      aria-rowindex={props.place + 2}
      aria-current={isSelected ? 'true' : undefined}
      class={props.isDim?.(row) ? 'is-dim' : ''}
      {...act}
    >
      {props.columns.map((column) => (
        <td key={column.name} class={column.isNumber ? 'number' : ''}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

const STEPS: Record<string, (rows: HTMLElement[], at: number) => number> = {
  ArrowDown: (_, at) => at + 1,
  ArrowUp: (_, at) => at - 1,
  Home: () => 0,
  End: (rows) => rows.length - 1,
};

// Arrow keys move between the rows that are drawn.
function walk(event: KeyboardEvent): void {
  const step = STEPS[event.key];
  const body = event.currentTarget as HTMLElement;
  if (!step || event.ctrlKey || event.shiftKey || event.altKey) return;
  const rows = [...body.querySelectorAll<HTMLElement>('tr[tabindex]')];
  const next = rows[step(rows, rows.indexOf(document.activeElement as HTMLElement))];
  if (!next) return;
  next.focus();
  event.preventDefault();
  event.stopPropagation();
}
