// SPDX-License-Identifier: MIT
// One stack: all its frames, the classes of its live blocks, and the ways to it in other pages.
import { useMemo } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { Copy } from '~/parts/copy';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import type { Columns } from '~/source/source';
import { rowOf, rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import type { Page } from '~/state/state';
import { change, isMoving, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount } from '~/text/format';
import { baseName, frameName, functionName, nameless, placeName, programFrames } from '~/text/stack';
import type { Frame } from '~/text/stack';

const ways: readonly [Page, string][] = [
  ['stacks', 'in the call tree'],
  ['blocks', 'its blocks'],
  ['map', 'its pages on the map'],
];

export function StackDetail({ stack }: { stack: number }) {
  const { reel, process } = view.value;
  const frames = useRows(reel, 'Stack', { stack });
  const classes = useRows(reel, 'StackClasses', isMoving.value ? null : { t: t.value, process, stack });
  return (
    <section class="panel stack" aria-label={`Stack ${stack}`}>
      <div class="row spread">
        <h2>Stack {stack}</h2>
        <div class="row">
          {ways.map(([page, name]) => (
            <button key={page} type="button" onClick={() => change(wayTo(page), 'push')}>
              {name}
            </button>
          ))}
        </div>
      </div>
      <div class="columns">
        <Answered asked={frames} what="frames">
          {(answer) => <Frames stack={stack} columns={answer.columns} />}
        </Answered>
        <Answered asked={classes} what="classes">
          {(answer) => <ClassTable columns={answer.columns} />}
        </Answered>
      </div>
    </section>
  );
}

// The map shows its pages when it is coloured by the stack.
function wayTo(page: Page) {
  return page === 'map' ? { page, sort: null, colour: 'stack' as const } : { page, sort: null };
}

export function framesOf(c: Columns<'Stack'>): Frame[] {
  return rowsOf(c).map((row) => ({ ...row, offset: row.address_offset }));
}

function Frames({ stack, columns }: { stack: number; columns: Columns<'Stack'> }) {
  const frames = programFrames(framesOf(columns));
  const isCut = columns.is_cut.includes(1);
  return (
    <div class="stack">
      <ol class="frames">
        {frames.map((frame, place) => (
          <li key={place} title={`${frame.file ?? ''}\n${frame.module ?? ''}`.trim()}>
            <span class="mono">{functionName(frame)}</span> <span>{placeName(frame)}</span>{' '}
            <span class="quiet">{baseName(frame.module ?? '')}</span>
          </li>
        ))}
      </ol>
      {frames.length === 0 && <span class="quiet">{nameless(stack)}</span>}
      {isCut && <span class="quiet">... deeper frames were cut (record --depth)</span>}
      <div>
        <Copy text={frames.map(frameName).join('\n')}>Copy the frames</Copy>
      </div>
    </div>
  );
}

function ClassTable({ columns: c }: { columns: Columns<'StackClasses'> }) {
  const columns = useMemo<TableColumn[]>(() => {
    const amount = (name: 'live_bytes' | 'usable_bytes', title: string): TableColumn => ({
      name,
      title,
      isNumber: true,
      cell: (row) => <span title={exactBytes(c[name][row] ?? 0)}>{formatBytes(c[name][row] ?? 0)}</span>,
      order: (row) => c[name][row] ?? 0,
    });
    return [
      {
        name: 'class_number',
        title: 'Class',
        cell: (row) => classSize(rowOf(c, row)),
        order: (row) => c.least_bytes[row] ?? 0,
      },
      {
        name: 'live_blocks',
        title: 'Blocks',
        isNumber: true,
        cell: (row) => formatCount(c.live_blocks[row] ?? 0),
        order: (row) => c.live_blocks[row] ?? 0,
      },
      amount('live_bytes', 'Live'),
      amount('usable_bytes', 'Usable'),
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
