// SPDX-License-Identifier: MIT
// Two heaps beside each other: the identity to one scale, the figures, and the classes, each with its change.
import { useMemo } from 'preact/hooks';
import { Copy } from '~/parts/copy';
import { Changed, bytesColumn, changeColumn, countColumn } from '~/parts/figures';
import { IdentityBar } from '~/parts/identity_bar';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import { rowsOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { exactBytes } from '~/text/format';
import { classPairs, figuresAsText, formatChange, formatFigure, heapFigures } from './figures';
import type { ClassPair, ClassRow, Figure, HeapRow } from './figures';
import type { Side } from './sides';

export function Heaps({ a, b, sides }: { a: HeapRow; b: HeapRow; sides: readonly [Side, Side] }) {
  const rows = heapFigures(a, b);
  const scale = Math.max(a.resident_bytes, b.resident_bytes);
  const names = sides.map(({ letter, name }) => `${letter}: ${name}`) as [string, string];
  return (
    <div class="stack">
      <div class="columns">
        {[a, b].map((heap, side) => (
          <section key={side} class="panel stack" aria-label={names[side]}>
            <h2>{names[side]}</h2>
            <IdentityBar bytes={heap} scale={scale} />
          </section>
        ))}
      </div>
      <section class="panel stack" aria-label="Figures">
        <div class="row spread">
          <h2>Figures</h2>
          <div class="row">
            <Copy text={figuresAsText(names, rows)}>Copy as text</Copy>
          </div>
        </div>
        <Table label="Figures" columns={figureColumns(rows)} count={rows.length} />
      </section>
    </div>
  );
}

function figureColumns(rows: readonly Figure[]): TableColumn[] {
  const at = (row: number) => rows[row] as Figure;
  const value = (side: 'a' | 'b'): TableColumn => ({
    name: side,
    title: side.toUpperCase(),
    isNumber: true,
    cell: (row) => {
      const { kind, [side]: amount } = at(row);
      return <span title={kind === 'bytes' ? exactBytes(amount ?? 0) : ''}>{formatFigure(kind, amount)}</span>;
    },
  });
  return [
    { name: 'name', title: 'Figure', cell: (row) => at(row).name },
    value('a'),
    value('b'),
    {
      name: 'change',
      title: 'Change',
      isNumber: true,
      cell: (row) => <Changed by={isPlace(at(row)) ? 0 : difference(at(row))}>{formatChange(at(row))}</Changed>,
    },
  ];
}

// Where in its run a heap is looked at: neither more nor less of it.
function isPlace({ name }: Figure): boolean {
  return name === 'time' || name === 'events';
}

function difference({ a, b }: Figure): number {
  return (b ?? 0) - (a ?? 0);
}

type Amount = 'live_bytes' | 'live_blocks' | 'rounding_bytes';

export function Classes({ a, b }: { a: Columns<'Classes'>; b: Columns<'Classes'> }) {
  const pairs = useMemo(() => classPairs(rowsOf(a) as ClassRow[], rowsOf(b) as ClassRow[]), [a, b]);
  const columns = useMemo(() => classColumns(pairs), [pairs]);
  return (
    <section class="panel stack compare-classes" aria-label="Size classes">
      <h2>Size classes</h2>
      <Table
        label="Size classes"
        columns={columns}
        count={pairs.length}
        empty="No class has blocks at either moment."
      />
    </section>
  );
}

function classColumns(pairs: readonly ClassPair[]): TableColumn[] {
  const amounts: readonly [Amount, string][] = [
    ['live_blocks', 'Blocks'],
    ['live_bytes', 'Live'],
    ['rounding_bytes', 'Rounding'],
  ];
  const of = (row: number, side: 'a' | 'b', amount: Amount) => pairs[row]?.[side]?.[amount] ?? 0;
  return [
    { name: 'class', title: 'Class', cell: (row) => pairs[row]?.name, order: (row) => pairs[row]?.leastBytes ?? 0 },
    ...amounts.flatMap(([amount, title]) => threeColumns(amount, title, (row, side) => of(row, side, amount))),
  ];
}

function threeColumns(amount: Amount, title: string, of: (row: number, side: 'a' | 'b') => number): TableColumn[] {
  const kind = amount === 'live_blocks' ? 'count' : 'bytes';
  const column = kind === 'count' ? countColumn : bytesColumn;
  return [
    column(`${amount}_a`, `${title} A`, (row) => of(row, 'a')),
    column(`${amount}_b`, `${title} B`, (row) => of(row, 'b')),
    changeColumn(`${amount}_change`, 'Change', kind, (row) => of(row, 'b') - of(row, 'a')),
  ];
}
