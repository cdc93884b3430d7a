// SPDX-License-Identifier: MIT
// How long blocks lived: by their size, as a map of both in powers of two with its figures in the cells' words, and by
// the stack that allocated them.
import { useState } from 'preact/hooks';
import { cssOf, logarithmicShare, magnitude } from '~/draw/palette';
import { Answered } from '~/parts/answered';
import type { Page } from '~/pages/page';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { change, isMoving, markA, markB, view } from '~/store/view';
import { exactBytes, formatBytes, formatCount, formatDuration, formatShare } from '~/text/format';
import { ByStack } from './by_stack';
import { gridOf, legendOf } from './grid';
import type { By, Grid, Size } from './grid';
import './lifetimes.css';

function Content() {
  const { reel, process } = view.value;
  const [by, setBy] = useState<By>('blocks');
  const range = { t0: markA.value ?? 'begin', t1: markB.value ?? 'end' };
  const lifetimes = useRows(reel, 'Lifetimes', isMoving.value ? null : range);
  const run = useRows(reel, 'Run', {});
  const c = run.value?.columns;
  return (
    <div class="stack">
      <div class="row">
        <span role="group" aria-label="Count" class="row">
          {(['blocks', 'bytes'] as const).map((one) => (
            <button key={one} type="button" aria-pressed={by === one} onClick={() => setBy(one)}>
              by {one}
            </button>
          ))}
        </span>
        <span class="quiet">
          {markA.value || markB.value ? `from ${range.t0} to ${range.t1}` : 'the whole run; A and B choose a part'}
          {process !== 0 && '; of all processes together'}
        </span>
      </div>
      {c && (
        <p class="sentence">
          {formatShare(c.temporary_allocations[0] ?? 0, c.allocations[0] ?? 0)} of all allocations are temporary: the
          very next event of their thread freed them.
        </p>
      )}
      <Answered asked={lifetimes} what="lifetimes">
        {(answer) => <LifetimeMap grid={gridOf(rowsOf(answer.columns), by)} by={by} />}
      </Answered>
      <ByStack range={isMoving.value || lifetimes.isBusy ? null : range} />
    </div>
  );
}

const AROUND_PIXELS = 252; // of the columns beside the cells
const LEAST_CELL_PIXELS = 28; // every other one has the name of its time

function amount(value: number, by: By): string {
  return by === 'bytes' ? formatBytes(value) : formatCount(value);
}

function LifetimeMap({ grid, by }: { grid: Grid; by: By }) {
  if (grid.sizes.length === 0) return <div class="note">No block was allocated in this stretch.</div>;
  return (
    <div class="stack">
      <Legend greatest={grid.greatest} by={by} />
      <div class="table">
        <table
          class="lifetimes"
          style={{ minWidth: `${AROUND_PIXELS + LEAST_CELL_PIXELS * grid.times.length}px` }}
          aria-label={`Lifetimes by size, ${by}`}
        >
          <thead>
            <tr>
              <th scope="col">Size</th>
              {grid.times.map((time, at) => (
                <th key={time} scope="col" title={`lived ${formatDuration(time)} or longer, less than twice that`}>
                  <span class={at % 2 === 0 ? '' : 'away'}>{formatDuration(time).replace(/\.\d+/, '')}</span>
                </th>
              ))}
              <th scope="col" class="number">
                Freed
              </th>
              <th scope="col" class="number">
                Alive
              </th>
            </tr>
          </thead>
          <tbody>
            {grid.sizes.map((size) => (
              <SizeRow key={size.least} size={size} grid={grid} by={by} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">All</th>
              <td colSpan={grid.times.length} />
              <td class="number">{amount(grid.freed, by)}</td>
              <td class="number">{amount(grid.alive, by)}</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </div>
  );
}

function Legend({ greatest, by }: { greatest: number; by: By }) {
  return (
    <div class="row lifetimes-legend" role="group" aria-label="Legend">
      <span class="quiet">{by === 'bytes' ? 'bytes' : 'blocks'} in a cell</span>
      <span>
        <i class="swatch is-none" /> 0
      </span>
      {legendOf(greatest).map((value) => (
        <span key={value}>
          <i class="swatch" style={{ background: colourOf(value, greatest) }} /> {amount(value, by)}
        </span>
      ))}
      <span class="quiet">colours by powers, not in proportion; a size filters all pages</span>
    </div>
  );
}

function colourOf(value: number, greatest: number): string {
  return cssOf(magnitude(logarithmicShare(value, greatest)));
}

function SizeRow({ size, grid, by }: { size: Size; grid: Grid; by: By }) {
  const { filter } = view.value;
  const isChosen = filter.leastBytes === size.least && filter.mostBytes === (size.most ?? 0);
  const choose = () =>
    change(
      {
        filter: isChosen
          ? { ...filter, leastBytes: 0, mostBytes: 0 }
          : { ...filter, leastBytes: size.least, mostBytes: size.most ?? 0 },
      },
      'push',
    );
  return (
    <tr aria-current={isChosen ? 'true' : undefined}>
      <th scope="row" class="number">
        <button type="button" title={`${exactBytes(size.least)} and more: filters all pages`} onClick={choose}>
          {formatBytes(size.least)}
        </button>
      </th>
      {size.cells.map((value, at) => (
        <Cell key={grid.times[at]} value={value} time={grid.times[at] ?? 0} grid={grid} by={by} />
      ))}
      <td class="number">{size.freed > 0 && amount(size.freed, by)}</td>
      <td class="number">{size.alive > 0 && amount(size.alive, by)}</td>
    </tr>
  );
}

function Cell({ value, time, grid, by }: { value: number; time: number; grid: Grid; by: By }) {
  if (value === 0) return <td />;
  const words = `${amount(value, by)} lived ${formatDuration(time)} to ${formatDuration(time * 2)}: ${formatShare(value, grid.freed)} of the freed`;
  return (
    <td title={words} style={{ background: colourOf(value, grid.greatest) }}>
      <span class="away">{words}</span>
    </td>
  );
}

export const page: Page = { name: 'lifetimes', Content };
