// SPDX-License-Identifier: MIT
// Five figures at the moment, what they were at mark A if there is one, and how they went.
import { useRows } from '~/source/use_answer';
import { markA, view } from '~/store/view';
import { exactBytes, formatBytes, formatCount, formatDelta, formatDeltaCount, formatShare } from '~/text/format';
import { verdictWasteBytes } from '~/text/verdict';
import type { HeapProps } from './verdict';
import { Sparkline } from './sparkline';

const POINTS = 60;

export function Cards({ heap, run }: HeapProps) {
  const { reel, process } = view.value;
  const timeline = useRows(reel, 'Timeline', { points: POINTS });
  const before = useRows(reel, 'Heap', markA.value === null ? null : { t: markA.value, process, of: 'mark' });
  const c = timeline.value?.columns;
  const a = markA.value === null ? undefined : before.value?.columns;
  const waste = verdictWasteBytes(heap);
  const wasteBefore =
    a &&
    verdictWasteBytes({
      resident_bytes: a.resident_bytes[0] ?? 0,
      rounding_bytes: a.rounding_bytes[0] ?? 0,
      pinned_bytes: a.pinned_bytes[0] ?? 0,
      retained_bytes: a.retained_bytes[0] ?? 0,
      metadata_bytes: a.metadata_bytes[0] ?? 0,
    });
  const peak = Math.max(run?.columns.peak_live_bytes[0] ?? 0, heap.live_bytes); // the run may have been asked before
  return (
    <div class="cards">
      <Card
        name="live"
        value={formatBytes(heap.live_bytes)}
        exact={exactBytes(heap.live_bytes)}
        change={a && formatDelta(heap.live_bytes - (a.live_bytes[0] ?? 0))}
        note={`peak ${formatBytes(peak)}`}
        line={c?.live_bytes}
      />
      <Card
        name="resident"
        value={formatBytes(heap.resident_bytes)}
        exact={exactBytes(heap.resident_bytes)}
        change={a && formatDelta(heap.resident_bytes - (a.resident_bytes[0] ?? 0))}
        note="of the heap"
        line={c?.resident_bytes.map((value) => value ?? 0)}
      />
      <Card
        name="waste"
        value={formatShare(waste, heap.resident_bytes)}
        exact={exactBytes(waste)}
        change={wasteBefore === undefined ? undefined : formatDelta(waste - wasteBefore)}
        note={formatBytes(waste)}
      />
      <Card
        name="blocks"
        value={formatCount(heap.live_blocks)}
        exact={`${formatCount(heap.live_blocks)} live blocks`}
        change={a && formatDeltaCount(heap.live_blocks - (a.live_blocks[0] ?? 0))}
        note={`on ${formatCount(heap.occupied_pages)} pages`}
        line={c?.live_blocks}
      />
      <Allocations run={run} line={c?.allocations} />
    </div>
  );
}

function Allocations({ run, line }: Pick<HeapProps, 'run'> & Pick<CardProps, 'line'>) {
  const allocations = run?.columns.allocations[0] ?? 0;
  const temporary = run?.columns.temporary_allocations[0] ?? 0;
  return (
    <Card
      name="allocations"
      value={formatCount(allocations)}
      exact="in the whole run"
      note={`${formatShare(temporary, allocations)} temporary`}
      line={line}
    />
  );
}

interface CardProps {
  name: string;
  value: string;
  exact: string;
  note: string;
  change?: string | undefined;
  line?: readonly number[] | undefined;
}

function Card({ name, value, exact, note, change, line }: CardProps) {
  return (
    <section class="panel card" aria-label={name}>
      <h3 class="quiet">{name}</h3>
      <div class="figure" title={exact}>
        {value}
      </div>
      <div class="quiet">{change === undefined ? note : `${change} since A`}</div>
      {line && <Sparkline values={line} />}
    </section>
  );
}
