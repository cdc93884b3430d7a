// SPDX-License-Identifier: MIT
// The selected stack's live blocks by class. Its frames, and the ways to it in other pages, are in the drawer.
import { useMemo } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { bytesColumn, countColumn } from '~/parts/figures';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Columns } from '~/source/source';
import { rowOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { useRested } from '~/store/rested';
import { change, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';

export function StackDetail({ stack }: { stack: number }) {
  const { reel, process } = view.value;
  const classes = useRows(reel, 'StackClasses', useRested() ? { t: t.value, process, stack } : null);
  return (
    <section class="panel stack" aria-label={`Classes of stack ${stack}`}>
      <h2>Classes of stack {stack}</h2>
      <Answered asked={classes} what="classes">
        {(answer) => <ClassTable columns={answer.columns} />}
      </Answered>
    </section>
  );
}

function ClassTable({ columns: c }: { columns: Columns<'StackClasses'> }) {
  const columns = useMemo<TableColumn[]>(() => {
    return [
      {
        name: 'class_number',
        title: 'Class',
        cell: (row) => classSize(rowOf(c, row)),
        order: (row) => c.least_bytes[row] ?? 0,
      },
      countColumn('live_blocks', 'Blocks', (row) => c.live_blocks[row] ?? 0),
      bytesColumn('live_bytes', 'Live', (row) => c.live_bytes[row] ?? 0),
      bytesColumn('usable_bytes', 'Usable', (row) => c.usable_bytes[row] ?? 0),
    ];
  }, [c]);
  return (
    <Table
      label="Classes of its live blocks"
      columns={columns}
      count={c.class_number.length}
      isSelected={(row) => c.class_number[row] === view.value.selection.class}
      onSelect={(row) =>
        change({ selection: { ...view.peek().selection, class: c.class_number[row] ?? null } }, 'push')
      }
      empty="It has no live block at this moment."
    />
  );
}
