// SPDX-License-Identifier: MIT
// The figures of the heap at the moment, and what they were at mark A.
import type { Answer, Columns } from '~/source/source';
import type { Asked } from '~/source/use_answer';
import { useRows } from '~/source/use_answer';
import { markA, view } from '~/store/view';
import { exactBytes, formatBytes, formatDelta, formatShare } from '~/text/format';

type Heap = Columns<'Heap'>;

interface Figure {
  live: number;
  resident: number;
  waste: number;
}

function figureOf(heap: Heap | undefined): Figure | null {
  const [live, resident, requested] = [heap?.live_bytes[0], heap?.resident_bytes[0], heap?.requested_bytes[0]];
  if (live === undefined || resident === undefined || requested === undefined) return null;
  return { live, resident, waste: Math.max(0, resident - requested) };
}

interface BytesProps {
  name: string;
  now: number;
  before: number | undefined;
  hasRoom?: boolean;
}

/** Without room: on a narrow screen it is left out. */
function Bytes({ name, now, before, hasRoom = true }: BytesProps) {
  const was = before === undefined ? '' : `; at A ${exactBytes(before)}, ${formatDelta(now - before)} since`;
  return (
    <span class={hasRoom ? 'figure' : 'figure is-more-room'} title={exactBytes(now) + was}>
      <span class="quiet">{name}</span> <b>{formatBytes(now)}</b>
      {before !== undefined && <span class="quiet"> A {formatBytes(before)}</span>}
    </span>
  );
}

export function Figures({ heap }: { heap: Asked<Answer<'Heap'>> }) {
  const { reel, process } = view.value;
  const run = useRows(reel, 'Run', {}).value?.columns;
  const atA = useRows(reel, 'Heap', markA.value === null ? null : { t: markA.value, process, of: 'mark' });
  const now = figureOf(heap.value?.columns) ?? { live: 0, resident: 0, waste: 0 };
  const before = markA.value === null ? null : figureOf(atA.value?.columns);
  return (
    <>
      <Bytes name="live" now={now.live} before={before?.live} />
      <Bytes name="resident" now={now.resident} before={before?.resident} hasRoom={false} />
      <span class="figure" title={`resident and not asked for: ${exactBytes(now.waste)}`}>
        <span class="quiet">waste</span> <b>{formatShare(now.waste, now.resident)}</b>
        {before && <span class="quiet"> A {formatShare(before.waste, before.resident)}</span>}
      </span>
      <Bytes name="peak" now={Math.max(run?.peak_live_bytes[0] ?? 0, now.live)} before={undefined} hasRoom={false} />
    </>
  );
}
