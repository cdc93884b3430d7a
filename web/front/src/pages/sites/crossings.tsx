// SPDX-License-Identifier: MIT
// Blocks that one thread allocated and another freed. Reads all events of the range: asked for when somebody looks.
import { useMemo, useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { bytesColumn, countColumn } from '~/parts/figures';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { markA, markB, view } from '~/store/view';
import { formatCount } from '~/text/format';
import { formatText } from '~/text/foreign';

type Crossed = Columns<'Crossings'>;

function thread(number: number | undefined, name: string | null | undefined, tid: number | null | undefined): string {
  return `${name ? formatText(name) : 'thread'} ${tid ?? `#${number ?? 0}`}`;
}

function columnsOf(c: Crossed): TableColumn[] {
  const from = (row: number) => thread(c.alloc_thread[row], c.alloc_name[row], c.alloc_tid[row]);
  const to = (row: number) => thread(c.free_thread[row], c.free_name[row], c.free_tid[row]);
  return [
    { name: 'alloc_thread', title: 'Allocated by', cell: from, order: from },
    { name: 'free_thread', title: 'Freed by', cell: to, order: to },
    countColumn('blocks', 'Blocks', (row) => c.blocks[row] ?? 0),
    bytesColumn('bytes', 'Bytes', (row) => c.bytes[row] ?? 0),
  ];
}

export function Crossings() {
  const [isOpen, setOpen] = useState(false);
  const range = { t0: markA.value ?? '0', t1: markB.value ?? 'end' };
  const asked = useRows(view.value.reel, 'Crossings', isOpen ? range : null);
  const c = asked.value?.columns;
  const columns = useMemo(() => (c ? columnsOf(c) : []), [c]);
  return (
    <details class="panel" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>Blocks that another thread frees</summary>
      {isOpen && (
        <Answered asked={asked} what="blocks that cross threads">
          {(answer) => (
            <>
              <Table
                label="Blocks that another thread frees"
                columns={columns}
                count={answer.rows}
                empty="Every block was freed by the thread that allocated it."
              />
              {(answer.columns.damaged_events[0] ?? 0) > 0 && (
                <span class="badge">{formatCount(answer.columns.damaged_events[0] ?? 0)} events could not be read</span>
              )}
            </>
          )}
        </Answered>
      )}
    </details>
  );
}
