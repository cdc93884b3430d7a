// SPDX-License-Identifier: MIT
// Call trees for tests, written as rows of flame(): parent, function, own bytes.
import type { FlameColumns } from '../../src/draw/call_tree';

export type Written = readonly [parent: number | null, name: string | null, self: number, more?: Partial<Extra>];

interface Extra {
  module: string | null;
  stack: number | null;
  /** Bytes below that are left out. */
  rest: number;
  /** One where nothing is said. */
  blocks: number;
}

/** Totals are summed; row 0 is the root. */
export function flameColumns(rows: readonly Written[]): FlameColumns {
  const total = rows.map(([, , self, more]) => self + (more?.rest ?? 0));
  for (let row = rows.length - 1; row > 0; row--) total[rows[row]?.[0] ?? 0]! += total[row] ?? 0;
  const nothing = rows.map(() => null);
  return {
    node: rows.map((_, row) => row),
    parent: rows.map(([parent]) => parent),
    depth: rows.map(() => 0),
    function: rows.map(([, name]) => name),
    file: nothing,
    line: nothing,
    module: rows.map(([, , , more]) => more?.module ?? null),
    self_bytes: rows.map(([, , self]) => self),
    total_bytes: total,
    total_blocks: rows.map(([, , , more]) => more?.blocks ?? 1),
    stack: rows.map(([, , , more]) => more?.stack ?? null),
  } as unknown as FlameColumns;
}
