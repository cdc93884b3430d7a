// SPDX-License-Identifier: MIT
// Zones and size classes: which are full, which waste, since when.
import { Answered } from '~/parts/answered';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Page } from '~/pages/page';
import type { Columns } from '~/source/source';
import { rowOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { select, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount } from '~/text/format';

function Content() {
  const classes = useRows(view.value.reel, 'Classes', { t: t.value, process: view.value.process });
  return (
    <Answered asked={classes} what="classes">
      {(answer) => <ClassTable columns={answer.columns} />}
    </Answered>
  );
}

function bytes(name: string, title: string, values: number[]): TableColumn {
  return {
    name,
    title,
    isNumber: true,
    cell: (row) => <span title={exactBytes(values[row] ?? 0)}>{formatBytes(values[row] ?? 0)}</span>,
    order: (row) => values[row] ?? null,
  };
}

function ClassTable({ columns: c }: { columns: Columns<'Classes'> }) {
  const table: TableColumn[] = [
    {
      name: 'class_number',
      title: 'Class',
      cell: (row) => classSize(rowOf(c, row)),
      order: (row) => c.least_bytes[row] ?? null,
    },
    {
      name: 'live_blocks',
      title: 'Blocks',
      isNumber: true,
      cell: (row) => formatCount(c.live_blocks[row] ?? 0),
      order: (row) => c.live_blocks[row] ?? null,
    },
    bytes('live_bytes', 'Live', c.live_bytes),
    bytes('usable_bytes', 'Usable', c.usable_bytes),
    bytes('rounding_bytes', 'Rounding', c.rounding_bytes),
  ];
  const chosen = view.value.selection.class;
  return (
    <Table
      label="Size classes"
      columns={table}
      count={c.class_number.length}
      isSelected={(row) => c.class_number[row] === chosen}
      onSelect={(row) => select({ class: c.class_number[row] ?? null })}
    />
  );
}

export const page: Page = { name: 'classes', title: 'Classes', Content };
