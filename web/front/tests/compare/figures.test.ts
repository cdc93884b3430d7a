// SPDX-License-Identifier: MIT
// Figures of two heaps, beside each other and as text.
import { expect, test } from 'vitest';
import { classPairs, figuresAsText, formatChange, formatFigure, heapFigures } from '../../src/pages/compare/figures';
import type { ClassRow, HeapRow } from '../../src/pages/compare/figures';

const heap = (resident_bytes: number, requested_bytes: number, t_ns = 0) =>
  ({
    resident_bytes,
    requested_bytes,
    rounding_bytes: 0,
    pinned_bytes: resident_bytes - requested_bytes,
    retained_bytes: 0,
    metadata_bytes: 0,
    untouched_bytes: 0,
    live_bytes: requested_bytes,
    live_blocks: requested_bytes / 16,
    usable_bytes: requested_bytes,
    occupied_pages: 1,
    t_ns,
    events: 5,
  }) as HeapRow;

test('each figure has its change in its own unit', () => {
  const rows = heapFigures(heap(8192, 4096, 2_000_000), heap(4096, 3072, 500_000));
  const told = new Map(rows.map((row) => [row.name, [formatFigure(row.kind, row.b), formatChange(row)]]));
  expect(told.get('resident')).toEqual(['4.0 KiB', '-4.0 KiB']);
  expect(told.get('waste')).toEqual(['25.0 %', '-25.0 points']);
  expect(told.get('live blocks')).toEqual(['192', '-64']);
  expect(told.get('time')).toEqual(['500 us', '-1.50 ms']);
  expect(told.get('events')).toEqual(['5', '0']);
});

test('of an empty heap there is no share', () => {
  const waste = heapFigures(heap(0, 0), heap(4096, 4096)).find(({ name }) => name === 'waste');
  expect(waste && [formatFigure('share', waste.a), formatFigure('share', waste.b), formatChange(waste)]).toEqual([
    '-',
    '0 %',
    '-',
  ]);
});

test('the text has a line for each figure, its columns under each other', () => {
  const lines = figuresAsText(['A: x', 'B: y'], heapFigures(heap(8192, 4096), heap(4096, 4096))).split('\n');
  expect(lines[0]).toMatch(/^ +A: x +B: y +change$/);
  expect(lines[1]).toMatch(/^resident +8\.0 KiB +4\.0 KiB +-4\.0 KiB$/);
  expect(new Set(lines.filter(Boolean).map((line) => line.length)).size).toBe(1);
});

test('classes of two allocators meet by their names, large ones come last', () => {
  const size = (class_number: number, least_bytes: number, greatest_bytes: number) =>
    ({ class_number, least_bytes, greatest_bytes, class_id: null, is_aligned: 0, slot_bytes: null }) as ClassRow;
  const pairs = classPairs(
    [size(0, 0, 0), size(1, 16, 16), size(2, 32, 32)],
    [size(5, 32, 32), size(6, 17, 24), size(0, 0, 0)],
  );
  expect(pairs.map(({ name, a, b }) => [name, a?.class_number ?? null, b?.class_number ?? null])).toEqual([
    ['16', 1, null],
    ['17-24', null, 6],
    ['32', 2, 5],
    ['large', 0, 0],
  ]);
});
