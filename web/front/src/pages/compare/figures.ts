// SPDX-License-Identifier: MIT
// Figures of two heaps beside each other, as rows and as text for a message. Compares numbers; asks for nothing.
import type { Columns } from '~/source/source';
import type { RowOf } from '~/source/rows';
import type { ClassSize } from '~/text/class_size';
import { classSize } from '~/text/class_size';
import { formatBytes, formatCount, formatDelta, formatDeltaCount, formatDuration, formatShare } from '~/text/format';

export type HeapRow = RowOf<Columns<'Heap'>>;
export type ClassRow = RowOf<Columns<'Classes'>>;

type Kind = 'bytes' | 'count' | 'share' | 'time';

/** Null: it is not known of that heap. */
export interface Figure {
  name: string;
  kind: Kind;
  a: number | null;
  b: number | null;
}

const figures: readonly [name: string, kind: Kind, value: (heap: HeapRow) => number | null][] = [
  ['resident', 'bytes', (heap) => heap.resident_bytes],
  ['requested', 'bytes', (heap) => heap.requested_bytes],
  ['rounding', 'bytes', (heap) => heap.rounding_bytes],
  ['pinned', 'bytes', (heap) => heap.pinned_bytes],
  ['retained', 'bytes', (heap) => heap.retained_bytes],
  ['metadata', 'bytes', (heap) => heap.metadata_bytes],
  ['waste', 'share', (heap) => wasteShare(heap)],
  ['untouched', 'bytes', (heap) => heap.untouched_bytes],
  ['live', 'bytes', (heap) => heap.live_bytes],
  ['live blocks', 'count', (heap) => heap.live_blocks],
  ['usable', 'bytes', (heap) => heap.usable_bytes],
  ['occupied pages', 'count', (heap) => heap.occupied_pages],
  ['time', 'time', (heap) => heap.t_ns],
  ['events', 'count', (heap) => heap.events],
];

/** Resident and not asked for. */
function wasteShare(heap: HeapRow): number | null {
  return heap.resident_bytes > 0 ? (heap.resident_bytes - heap.requested_bytes) / heap.resident_bytes : null;
}

export function heapFigures(a: HeapRow, b: HeapRow): Figure[] {
  return figures.map(([name, kind, value]) => ({ name, kind, a: value(a), b: value(b) }));
}

const PERMILLE = 1000;

export function formatFigure(kind: Kind, value: number | null): string {
  if (value === null) return '-';
  if (kind === 'bytes') return formatBytes(value);
  if (kind === 'share') return formatShare(Math.round(value * PERMILLE), PERMILLE);
  return kind === 'time' ? formatDuration(value) : formatCount(value);
}

/** B less A; of shares in points of a hundred. */
export function formatChange({ kind, a, b }: Figure): string {
  if (a === null || b === null) return '-';
  if (kind === 'bytes') return formatDelta(b - a);
  if (kind === 'count') return formatDeltaCount(b - a);
  if (kind === 'share') return `${signed(100 * (b - a))} points`;
  return b === a ? '0 s' : `${b > a ? '+' : '-'}${formatDuration(Math.abs(b - a))}`;
}

function signed(points: number): string {
  const text = Math.abs(points).toFixed(1);
  return text === '0.0' ? '0' : `${points < 0 ? '-' : '+'}${text}`;
}

/** Columns of equal width, for a message or a note. */
export function figuresAsText(names: readonly [string, string], rows: readonly Figure[]): string {
  const lines = [
    ['', ...names, 'change'],
    ...rows.map((row) => [row.name, formatFigure(row.kind, row.a), formatFigure(row.kind, row.b), formatChange(row)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  const pad = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n') + '\n';
}

export interface ClassPair {
  name: string;
  leastBytes: number;
  a: ClassRow | null;
  b: ClassRow | null;
}

/** Classes meet by what they are called: numbers differ between allocators. By ascending sizes. */
export function classPairs(a: readonly ClassRow[], b: readonly ClassRow[]): ClassPair[] {
  const pairs = new Map<string, ClassPair>();
  const take = (side: 'a' | 'b') => (row: ClassRow) => {
    const name = classSize(row as ClassSize);
    const pair = pairs.get(name) ?? { name, leastBytes: sizeOf(row), a: null, b: null };
    pair[side] = row;
    pairs.set(name, pair);
  };
  a.forEach(take('a'));
  b.forEach(take('b'));
  return [...pairs.values()].sort((left, right) => left.leastBytes - right.leastBytes);
}

function sizeOf(row: ClassRow): number {
  return row.class_number === 0 ? Infinity : row.least_bytes;
}
