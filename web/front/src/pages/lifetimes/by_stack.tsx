// SPDX-License-Identifier: MIT
// Which stacks make blocks that soon go again: the median lifetime of what each has allocated. Rows that the filter of
// functions does not let pass are grey; a row that is chosen is selected in all pages.
import { useMemo } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { bytesColumn, countColumn } from '~/parts/figures';
import { shortStack } from '~/parts/site';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { select, view } from '~/store/view';
import { plural } from '~/text/words';
import { medianText } from './grid';

type Lives = Columns<'LifetimesByStack'>;

const FRAMES = 3;

function columnsOf(c: Lives): TableColumn[] {
  const site = (row: number) => shortStack(c.stack[row] ?? null, c.text[row] ?? null, FRAMES);
  return [
    {
      name: 'function',
      title: 'Function',
      meaning: 'the innermost function of the stack, and its callers',
      cell: (row) => (
        <span class="site-name" title={c.text[row] ?? ''}>
          {site(row)}
        </span>
      ),
      order: site,
    },
    countColumn('freed_blocks', 'Freed', (row) => c.freed_blocks[row] ?? 0, 'blocks freed in this stretch'),
    bytesColumn('freed_bytes', 'Freed bytes', (row) => c.freed_bytes[row] ?? 0, 'requested, of the freed blocks'),
    {
      name: 'median',
      title: 'Median lifetime',
      meaning: 'half of its freed blocks lived shorter, half longer: where that lies, in powers of two',
      isNumber: true,
      cell: (row) => medianText(c.median_least_ns[row] ?? null, c.median_most_ns[row] ?? null),
      order: (row) => c.median_least_ns[row] ?? null,
    },
    countColumn(
      'alive_blocks',
      'Alive',
      (row) => c.alive_blocks[row] ?? 0,
      'blocks born in this stretch, alive at its end',
    ),
    bytesColumn('alive_bytes', 'Alive bytes', (row) => c.alive_bytes[row] ?? 0, 'requested, of those'),
  ];
}

/** Asked once the map is there: both read all events of the stretch, one after the other. */
export function ByStack({ range }: { range: { t0: string; t1: string } | null }) {
  const { reel, filter } = view.value;
  const asked = useRows(reel, 'LifetimesByStack', range === null ? null : { ...range, function: filter.function });
  return (
    <section class="panel stack" aria-label="Lifetimes by stack">
      <h2>By stack</h2>
      <Answered asked={asked} what="lifetimes by stack">
        {(answer) => <StackTable columns={answer.columns} />}
      </Answered>
    </section>
  );
}

function StackTable({ columns: c }: { columns: Lives }) {
  const columns = useMemo(() => columnsOf(c), [c]);
  const passing = c.is_passing.reduce((sum, one) => sum + one, 0);
  return (
    <div class="stack">
      {passing < c.stack.length && (
        <span class="quiet">
          {plural(passing, 'stack')} of {c.stack.length} pass the filter; the others are grey
        </span>
      )}
      <Table
        label="Lifetimes by stack"
        columns={columns}
        count={c.stack.length}
        isSelected={(row) => view.value.selection.stack !== null && c.stack[row] === view.value.selection.stack}
        isDim={(row) => c.is_passing[row] === 0}
        onSelect={(row) => select({ stack: c.stack[row] ?? null })}
        empty="No block was allocated in this stretch."
      />
    </div>
  );
}
