// SPDX-License-Identifier: MIT
// The size classes at the moment: what they hold, what is lost in them, and the sum of all.
import { useMemo } from 'preact/hooks';
import { PartsBar, bytesColumn, countColumn } from '~/parts/figures';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import { rowsOf } from '~/source/rows';
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { filter, resolved, select, selection } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount, formatDuration, formatShare } from '~/text/format';
import { useSort, useSortKeys } from './sort';
import type { Groups } from './zones';

/** A class with what other questions told of it; null: not known, or not yet. */
export type ClassRow = RowOf<Columns<'Classes'>> & {
  pinned: number | null;
  oldestNs: number | null;
  /** Requested, of the blocks that are selected and pass the filter; null: all are. */
  passingBytes: number | null;
};

export interface Beside {
  blame: Columns<'ClassBlame'> | undefined;
  ages: Columns<'ClassAges'> | undefined;
  passing: Columns<'PassingClasses'> | undefined;
}

export function classRows(columns: Columns<'Classes'>, { blame, ages, passing }: Beside): ClassRow[] {
  const passed = new Map(passing?.class_number.map((number, row) => [number, passing.live_bytes[row] ?? 0]));
  const pinned = new Map(blame?.class_number.map((number, row) => [number, blame.pinned_bytes[row] ?? 0]));
  const oldest = new Map(ages?.class_number.map((number, row) => [number, ages.oldest_birth_ns[row] ?? null]));
  return rowsOf(columns).map((row) => ({
    ...row,
    pinned: blame ? (pinned.get(row.class_number) ?? 0) : null,
    oldestNs: oldest.get(row.class_number) ?? null,
    passingBytes: passing ? (passed.get(row.class_number) ?? 0) : null,
  }));
}

function wasteOf(row: ClassRow): number {
  return row.rounding_bytes + (row.pinned ?? 0);
}

function freeSlots(row: ClassRow): number | null {
  return row.carved_slots === null ? null : Math.max(0, row.carved_slots - row.live_blocks);
}

export function ageOf(row: ClassRow): number | null {
  return row.oldestNs === null ? null : Math.max(0, (resolved.value?.tNs ?? 0) - row.oldestNs);
}

function shareColumn(name: string, title: string, parts: (row: number) => [number, number] | null): TableColumn {
  const share = (row: number) => {
    const pair = parts(row);
    return pair && pair[1] > 0 ? pair[0] / pair[1] : null;
  };
  return {
    name,
    title,
    isNumber: true,
    order: share,
    cell: (row) => {
      const pair = parts(row);
      return pair === null ? '-' : formatShare(pair[0], pair[1]);
    },
  };
}

type Of = <V>(value: (row: ClassRow) => V) => (row: number) => V;

// What only an allocator that counts its slots tells.
function toldColumns(of: Of): TableColumn[] {
  return [
    countColumn(
      'carved_slots',
      'Carved',
      of((row) => row.carved_slots),
      'slots handed out at least once',
    ),
    countColumn('free_slots', 'Free', of(freeSlots), 'carved slots without a block'),
    countColumn(
      'peak_live_slots',
      'Peak',
      of((row) => row.peak_live_slots),
      'most blocks at once since the beginning',
    ),
    shareColumn(
      'use',
      'In use',
      of((row) => (row.carved_slots === null ? null : [row.live_blocks, row.carved_slots])),
    ),
  ];
}

// What a filter leaves.
function passingColumns(of: Of): TableColumn[] {
  return [
    bytesColumn(
      'passing_bytes',
      'Passing',
      of((row) => row.passingBytes),
      'of the requested bytes those of blocks that are selected and pass the filter',
    ),
    shareColumn(
      'passing',
      'Share',
      of((row) => [row.passingBytes ?? 0, row.live_bytes]),
    ),
  ];
}

function ageColumn(of: Of): TableColumn {
  return {
    name: 'oldest',
    title: 'Oldest',
    meaning: 'age of its oldest live block',
    isNumber: true,
    order: of(ageOf),
    cell: of((row) => (ageOf(row) === null ? '-' : formatDuration(ageOf(row) ?? 0))),
  };
}

// In the terminal's order.
function columnsOf(rows: readonly ClassRow[], hasAges: boolean): TableColumn[] {
  const of =
    <V,>(value: (row: ClassRow) => V) =>
    (row: number) =>
      value(rows[row] as ClassRow);
  const waste = rows.reduce((sum, row) => sum + wasteOf(row), 0);
  const most = Math.max(...rows.map((row) => row.usable_bytes + (row.pinned ?? 0)), 1);
  const isTold = rows.some((row) => row.carved_slots !== null);
  return [
    {
      name: 'class_number',
      title: 'Class',
      isNumber: true,
      order: of((row) => row.least_bytes),
      cell: of(classSize),
    },
    bytesColumn(
      'pinned_bytes',
      'Pinned',
      of((row) => row.pinned),
      'its share of the free bytes on pages with blocks',
    ),
    shareColumn(
      'waste',
      'Waste',
      of((row) => [wasteOf(row), waste]),
    ),
    bytesColumn(
      'rounding_bytes',
      'Rounding',
      of((row) => row.rounding_bytes),
      'usable less requested',
    ),
    bytesColumn(
      'live_bytes',
      'Requested',
      of((row) => row.live_bytes),
    ),
    ...(rows.some((row) => row.passingBytes !== null) ? passingColumns(of) : []),
    countColumn(
      'live_blocks',
      'Blocks',
      of((row) => row.live_blocks),
    ),
    { name: 'parts', title: 'Requested, rounding, pinned', cell: of((row) => <Parts row={row} most={most} />) },
    bytesColumn(
      'usable_bytes',
      'Usable',
      of((row) => row.usable_bytes),
    ),
    ...(isTold ? toldColumns(of) : []),
    ...(hasAges ? [ageColumn(of)] : []),
  ];
}

function Parts({ row, most }: { row: ClassRow; most: number }) {
  const parts = [
    { name: 'requested', bytes: row.live_bytes },
    { name: 'rounding', bytes: row.rounding_bytes },
    { name: 'pinned', bytes: row.pinned ?? 0 },
  ];
  return <PartsBar parts={parts} whole={most} />;
}

/** Holds nothing, or nothing that passes the filter. */
function isDim(row: ClassRow | undefined): boolean {
  const wanted = filter.value.class;
  if (!row || row.live_blocks === 0) return true;
  return row.passingBytes === 0 || (wanted !== null && wanted !== row.class_number);
}

export function Sum({ rows }: { rows: readonly ClassRow[] }) {
  const sum = (value: (row: ClassRow) => number) => rows.reduce((all, row) => all + value(row), 0);
  const requested = sum((row) => row.live_bytes);
  const rounding = sum((row) => row.rounding_bytes);
  const isKnown = rows.every((row) => row.pinned !== null);
  const pinned = sum((row) => row.pinned ?? 0);
  return (
    <div class="row">
      <span title={exactBytes(pinned)}>pinned {isKnown ? formatBytes(pinned) : '-'}</span>
      <span title={exactBytes(rounding)}>rounding {formatBytes(rounding)}</span>
      <span title={exactBytes(requested)}>requested {formatBytes(requested)}</span>
      <span>{formatCount(sum((row) => row.live_blocks))} blocks</span>
      {rows.some((row) => row.passingBytes !== null) && (
        <strong title={exactBytes(sum((row) => row.passingBytes ?? 0))}>
          passing {formatBytes(sum((row) => row.passingBytes ?? 0))}
        </strong>
      )}
    </div>
  );
}

interface ClassTableProps {
  rows: readonly ClassRow[];
  groups: Groups | null | undefined;
  hasAges: boolean;
}

export function ClassTable({ rows, groups, hasAges }: ClassTableProps) {
  const events = hasAges ? (resolved.value?.events ?? 0) : 0;
  const columns = useMemo(() => columnsOf(rows, hasAges), [rows, hasAges, events]);
  const [sort, onSort] = useSort('-pinned_bytes', columns);
  useSortKeys(columns, sort);
  const groupsOfRows = useMemo(
    () => groups && { titles: groups.titles, of: (row: number) => groups.of(rows[row] as ClassRow) },
    [groups, rows],
  );
  const chosen = selection.value.class;
  return (
    <Table
      label="Size classes at the moment"
      columns={columns}
      count={rows.length}
      sort={sort}
      onSort={onSort}
      groups={groupsOfRows}
      isSelected={(row) => rows[row]?.class_number === chosen}
      isDim={(row) => isDim(rows[row])}
      onSelect={(row) =>
        select({ class: rows[row]?.class_number === chosen ? null : (rows[row]?.class_number ?? null) })
      }
      empty="No block was allocated before this moment."
    />
  );
}
