// SPDX-License-Identifier: MIT
// The selected class: what the program asks for in it, who pins its pages, and where to look on.
import { Answered } from '~/parts/answered';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import type { Page } from '~/state/state';
import { change, isMoving, select, t, view } from '~/store/view';
import { classSize } from '~/text/class_size';
import { exactBytes, formatBytes, formatCount, formatShare } from '~/text/format';
import { plural } from '~/text/words';
import type { ClassRow } from './class_table';

const SIZES_SHOWN = 12;

export function ClassCard({ row, pages, alone }: { row: ClassRow; pages: number | null; alone: number | null }) {
  const { reel, process } = view.value;
  const number = row.class_number;
  const sizes = useRows(
    reel,
    'Sizes',
    isMoving.value ? null : { t: t.value, process, class_number: number, count: SIZES_SHOWN },
  );
  return (
    <div class="class-card stack" role="group" aria-label="Selected class">
      <div class="row spread">
        <h3>Class {classSize(row)}</h3>
        <Links number={number} />
      </div>
      <Pinned row={row} pages={pages} alone={alone} />
      <Answered asked={sizes} what="requested sizes">
        {(answer) => <Sizes sizes={rowsOf(answer.columns)} row={row} />}
      </Answered>
    </div>
  );
}

function Links({ number }: { number: number }) {
  const go = (page: Page, part: object) => change({ page, sort: null, ...part }, 'push');
  const filter = { ...view.value.filter, class: number };
  return (
    <div class="row">
      <button type="button" onClick={() => go('map', { colour: 'class' })}>
        Its pages on the map
      </button>
      <button type="button" onClick={() => go('blocks', { filter })}>
        Its blocks
      </button>
      <button type="button" aria-label="Let the class go" onClick={() => select({ class: null })}>
        ✕
      </button>
    </div>
  );
}

function Pinned({ row, pages, alone }: { row: ClassRow; pages: number | null; alone: number | null }) {
  if (row.pinned === null || pages === null) return <p class="quiet">Who pins its pages is not counted yet.</p>;
  if (row.live_blocks === 0) return <p class="quiet">None of its blocks lives at this moment.</p>;
  return (
    <div>
      {plural(row.live_blocks, 'block')} of {formatBytes(row.live_bytes)} {row.live_blocks === 1 ? 'pins' : 'pin'}{' '}
      <span title={exactBytes(row.pinned)}>{formatBytes(row.pinned)}</span> of free bytes beside them, on{' '}
      {plural(pages, 'page')}; {formatCount(alone ?? 0)} of these {alone === 1 ? 'is' : 'are'} kept by this class alone.
    </div>
  );
}

interface Size {
  requested_bytes: number;
  live_blocks: number;
  usable_bytes: number;
}

/** How often each size was asked for, and how much of what was given is rounding. */
function Sizes({ sizes, row }: { sizes: readonly Size[]; row: ClassRow }) {
  const most = Math.max(...sizes.map((size) => size.live_blocks), 1);
  const shown = sizes.reduce((sum, size) => sum + size.live_blocks, 0);
  if (sizes.length === 0) return null;
  return (
    <div class="stack">
      <strong>Requested sizes in it</strong>
      <dl class="size-bars">
        {sizes.map((size) => {
          const asked = size.requested_bytes * size.live_blocks;
          const rounding = Math.max(0, size.usable_bytes - asked);
          const full = (100 * size.live_blocks) / most;
          return [
            <dt key={`${size.requested_bytes} size`} class="number" title={exactBytes(size.requested_bytes)}>
              {formatCount(size.requested_bytes)} B
            </dt>,
            <dd key={`${size.requested_bytes} bar`} class="bar" aria-hidden="true">
              <span class="is-requested" style={{ width: `${(full * asked) / Math.max(size.usable_bytes, 1)}%` }} />
              <span class="is-rounding" style={{ width: `${(full * rounding) / Math.max(size.usable_bytes, 1)}%` }} />
            </dd>,
            <dd key={`${size.requested_bytes} blocks`} class="number">
              {plural(size.live_blocks, 'block')}, {formatShare(rounding, size.usable_bytes)} rounding
            </dd>,
          ];
        })}
      </dl>
      {shown < row.live_blocks && (
        <span class="quiet">{plural(row.live_blocks - shown, 'more block')} of other sizes.</span>
      )}
    </div>
  );
}
