// SPDX-License-Identifier: MIT
// The processes of the reel as a tree, and the threads of the chosen one. The chosen process is what all pages show.
import { Answered } from '~/parts/answered';
import { bytesColumn, countColumn } from '~/parts/figures';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Page } from '~/pages/page';
import type { RowOf } from '~/source/rows';
import { rowsOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, view } from '~/store/view';
import { formatTime } from '~/text/format';
import { processEnd } from '~/text/process_end';
import { asTree } from './tree';
import type { Branch } from './tree';

type Process = RowOf<Columns<'Processes'>>;

function Content() {
  const { reel, process } = view.value;
  const processes = useRows(reel, 'Processes', {});
  return (
    <div class="stack">
      <div class="row">
        <button type="button" aria-pressed={process === 0} onClick={() => change({ process: 0 }, 'push')}>
          All processes
        </button>
        <span class="quiet">A row chooses the process that all pages show.</span>
      </div>
      <Answered asked={processes} what="processes">
        {(answer) => <ProcessTable processes={rowsOf(answer.columns)} />}
      </Answered>
      <Threads />
    </div>
  );
}

type Amount = 'events' | 'peak_live_bytes' | 'leaked_bytes' | 'peak_resident_bytes' | 'threads' | 'lost_events';

function columnsOf(tree: readonly Branch<Process>[]): TableColumn[] {
  const at = (row: number) => tree[row]?.process;
  const of = (name: Amount) => (row: number) => at(row)?.[name] ?? null;
  return [
    {
      name: 'command',
      title: 'Process',
      cell: (row) => (
        <span class="process-name" style={{ paddingLeft: `${(tree[row]?.depth ?? 0) * 16}px` }}>
          {at(row)?.process} <span class="quiet">pid {at(row)?.pid}</span> {at(row)?.command ?? at(row)?.executable}
        </span>
      ),
    },
    {
      name: 'begin_ns',
      title: 'Began',
      isNumber: true,
      cell: (row) => formatTime(at(row)?.begin_ns ?? 0),
      order: (row) => at(row)?.begin_ns ?? null,
    },
    { name: 'end_kind', title: 'Ended', cell: (row) => <Ended process={at(row)} /> },
    countColumn('events', 'Events', of('events')),
    bytesColumn('peak_live_bytes', 'Peak', of('peak_live_bytes')),
    bytesColumn('leaked_bytes', 'Leaked', of('leaked_bytes')),
    bytesColumn('peak_resident_bytes', 'Resident peak', of('peak_resident_bytes')),
    countColumn('threads', 'Threads', of('threads')),
    countColumn('lost_events', 'Lost', of('lost_events')),
  ];
}

function ProcessTable({ processes }: { processes: Process[] }) {
  const tree = asTree(processes);
  const at = (row: number) => tree[row]?.process;
  return (
    <Table
      label="Processes"
      columns={columnsOf(tree)}
      count={tree.length}
      isSelected={(row) => at(row)?.process === view.value.process}
      onSelect={(row) => change({ process: at(row)?.process ?? 0 }, 'push')}
    />
  );
}

function Ended({ process }: { process: Process | undefined }) {
  if (!process) return null;
  return (
    <>
      {processEnd(process)} {process.end_ns !== null && <span class="quiet">{formatTime(process.end_ns)}</span>}
    </>
  );
}

function Threads() {
  const { reel, process } = view.value;
  const threads = useRows(reel, 'Threads', { process });
  return (
    <section class="panel stack" aria-label="Threads">
      <h2>Threads {process === 0 ? 'of all processes' : `of process ${process}`}</h2>
      <Answered asked={threads} what="threads">
        {({ columns: c }) => (
          <Table
            label="Threads"
            count={c.thread.length}
            columns={[
              {
                name: 'thread',
                title: 'Thread',
                isNumber: true,
                cell: (row) => c.thread[row],
                order: (row) => c.thread[row] ?? null,
              },
              { name: 'process', title: 'Process', isNumber: true, cell: (row) => c.process[row] },
              { name: 'tid', title: 'tid', isNumber: true, cell: (row) => c.tid[row] },
              { name: 'name', title: 'Name', cell: (row) => c.name[row], order: (row) => c.name[row] ?? null },
              {
                name: 'begin_ns',
                title: 'First event',
                isNumber: true,
                cell: (row) => formatTime(c.begin_ns[row] ?? 0),
                order: (row) => c.begin_ns[row] ?? null,
              },
              {
                name: 'end_ns',
                title: 'End',
                isNumber: true,
                cell: (row) => (c.end_ns[row] == null ? '' : formatTime(c.end_ns[row] ?? 0)),
              },
            ]}
          />
        )}
      </Answered>
    </section>
  );
}

export const page: Page = { name: 'processes', Content };
