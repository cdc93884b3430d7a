// SPDX-License-Identifier: MIT
// Single blocks that live at the moment and pass the filter, and the history of the one that is selected.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { bytesColumn } from '~/parts/figures';
import { Site } from '~/parts/site';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Page } from '~/pages/page';
import { rowOf } from '~/source/rows';
import type { Columns, Parameters } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, goTo, isMoving, t, view } from '~/store/view';
import { formatBytes, formatCount } from '~/text/format';
import { hex, plural } from '~/text/words';
import { History } from './history';
import './blocks.css';

const PAGE_BYTES = 4096;
const ROWS = 200;

type After = Pick<Parameters<'Blocks'>, 'after_process' | 'after_address'>;

function Only({ isOn, set, children }: { isOn: boolean; set: (isOn: boolean) => void; children: ComponentChildren }) {
  return (
    <label>
      <input type="checkbox" checked={isOn} onChange={() => set(!isOn)} /> only {children}
    </label>
  );
}

function Turn({ go, children }: { go: () => void; children: ComponentChildren }) {
  return (
    <button type="button" onClick={go}>
      {children}
    </button>
  );
}

function Content() {
  const { reel, process, filter, selection } = view.value;
  const { place, stack } = selection;
  // What is as large as a page is a stretch to look into; what is smaller is a block of the list.
  const [isInPlace, setInPlace] = useState(place !== null && place.bytes >= PAGE_BYTES);
  const [isOfStack, setOfStack] = useState(stack !== null);
  const [after, setAfter] = useState<After>({});
  const passing: Parameters<'Blocks'> = {
    t: t.value,
    process: (isInPlace && place?.process) || process,
    ...(filter.class !== null && { class: filter.class }),
    ...(filter.leastBytes > 0 && { least: filter.leastBytes }),
    ...(filter.mostBytes > 0 && { most: filter.mostBytes }),
    ...(filter.function && { function: filter.function }),
    ...(isOfStack && stack !== null && { stack }),
    ...(isInPlace && place && { begin: place.address, end: place.address + place.bytes }),
    limit: ROWS,
  };
  const passed = JSON.stringify(passing);
  useEffect(() => setAfter({}), [passed]);
  const blocks = useRows(reel, 'Blocks', isMoving.value ? null : { ...passing, ...after });
  return (
    <div class="blocks">
      <div class="stack">
        <div class="row">
          {place && (
            <Only isOn={isInPlace} set={setInPlace}>
              at <span class="mono">{hex(place.address)}</span> + {formatBytes(place.bytes)}
            </Only>
          )}
          {stack !== null && (
            <Only isOn={isOfStack} set={setOfStack}>
              of the selected stack
            </Only>
          )}
        </div>
        <Answered asked={blocks} what="blocks" isPaged>
          {(answer) => (
            <div class="stack">
              <BlockTable columns={answer.columns} />
              <div class="row">
                <span class="quiet">{plural(answer.rows, 'block')}, by address</span>
                {after.after_process !== undefined && <Turn go={() => setAfter({})}>First</Turn>}
                {answer.truncated === 'rows' && <Turn go={() => setAfter(lastOf(answer.columns))}>Next {ROWS}</Turn>}
              </div>
            </div>
          )}
        </Answered>
      </div>
      <History />
    </div>
  );
}

function lastOf(columns: Columns<'Blocks'>): After {
  return { after_process: columns.process.at(-1) ?? 0, after_address: columns.address.at(-1) ?? 0 };
}

function selectBlock(c: Columns<'Blocks'>, row: number): void {
  const block = rowOf(c, row);
  const place = { process: block.process, address: block.address, bytes: Math.max(block.usable_bytes, 1) };
  change({ selection: { ...view.peek().selection, place } }, 'push');
}

function BlockTable({ columns: c }: { columns: Columns<'Blocks'> }) {
  const table: TableColumn[] = [
    {
      name: 'address',
      title: 'Address',
      cell: (row) => <span class="mono">{hex(c.address[row] ?? 0)}</span>,
      order: (row) => c.address[row] ?? null,
    },
    bytesColumn('requested_bytes', 'Requested', (row) => c.requested_bytes[row] ?? null),
    bytesColumn('usable_bytes', 'Usable', (row) => c.usable_bytes[row] ?? null),
    {
      name: 'birth_event',
      title: 'Born at event',
      meaning: 'a click goes there',
      isNumber: true,
      cell: (row) => <Birth event={c.birth_event[row] ?? null} isInherited={c.is_inherited[row] === 1} />,
      order: (row) => c.birth_event[row] ?? null,
    },
    {
      name: 'text',
      title: 'Allocated in',
      cell: (row) => <Site stack={c.stack[row] ?? null} text={c.text[row] ?? null} frames={2} />,
      order: (row) => c.text[row] ?? null,
    },
  ];
  const { place, stack } = view.value.selection;
  return (
    <Table
      label="Live blocks"
      columns={table}
      count={c.address.length}
      isSelected={(row) => place !== null && c.address[row] === place.address && c.process[row] === place.process}
      isDim={(row) => stack !== null && c.stack[row] !== stack}
      onSelect={(row) => selectBlock(c, row)}
      empty="No live block passes the filter at this moment."
    />
  );
}

function Birth({ event, isInherited }: { event: number | null; isInherited: boolean }) {
  if (event === null) return <span class="quiet">before</span>;
  return (
    <>
      {isInherited && <span class="quiet">inherited </span>}
      <button type="button" class="plain" onClick={() => goTo({ events: event + 1 })}>
        #{formatCount(event)}
      </button>
    </>
  );
}

export const page: Page = { name: 'blocks', Content };
