// SPDX-License-Identifier: MIT
// The verdict: one sentence, what it means, and the two moments that matter.
import { innermost } from '~/parts/site';
import type { RowOf } from '~/source/rows';
import type { Answer, Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, goTo, isMoving, t, view } from '~/store/view';
import { verdictKind, verdictPrint, verdictRemark } from '~/text/verdict';
import type { Culprit } from '~/text/verdict';

/** As many as the insights below ask for: one question for both. */
export const ADVICE_COUNT = 5;

export interface HeapProps {
  heap: RowOf<Columns<'Heap'>>;
  run: Answer<'Run'> | undefined;
}

export function Verdict({ heap, run }: HeapProps) {
  const { reel, process } = view.value;
  const at = isMoving.value ? null : { t: t.value, process };
  const losses = useRows(reel, 'Losses', {});
  const pinned = useRows(reel, 'Top', at && { ...at, measure: 'pinned', count: 5 });
  const rounding = useRows(reel, 'Top', at && { ...at, measure: 'rounding', count: 1 });
  const advice = useRows(reel, 'Advice', at && { ...at, count: ADVICE_COUNT });
  const moments = useRows(reel, 'Moments', {});
  const worst = moments.value?.columns;
  const facts = {
    identity: heap,
    live_blocks: heap.live_blocks,
    peak_bytes: run?.columns.peak_live_bytes[0] ?? 0,
    peak_ns: run?.columns.peak_t_ns[0] ?? 0,
    t_ns: heap.t_ns,
    is_lossy: (losses.value?.rows ?? 0) > 0,
    pinned: culpritOf(pinned.value, sinceOf(advice.value, pinned.value?.columns.stack[0], heap.t_ns)),
    rounding: culpritOf(rounding.value, null),
  };
  const kind = verdictKind(facts);
  const isWorst = worst?.events[worst.name.indexOf('worst')] === heap.events;
  return (
    <section class="panel verdict" aria-label="Verdict">
      <p>{verdictPrint(facts)}</p>
      <div class="row">
        <span class="quiet">{verdictRemark(kind, isWorst)}</span>
        <button type="button" onClick={() => goTo({ text: 'worst' })}>
          Worst <kbd>W</kbd>
        </button>
        <button type="button" onClick={() => goTo({ text: 'peak' })}>
          Peak <kbd>P</kbd>
        </button>
        {(kind === 'pinned' || kind === 'rounding') && (
          <button
            type="button"
            onClick={() => change({ page: 'stacks', measure: kind, mode: 'moment', sort: null }, 'push')}
          >
            Who: the flame graph of {kind} bytes
          </button>
        )}
      </div>
    </section>
  );
}

// Advice knows how old the blocks are that pin.
function sinceOf(advice: Answer<'Advice'> | undefined, stack: number | null | undefined, tNs: number): number | null {
  const age = advice?.columns.median_age_ns[0];
  return age === undefined || advice?.columns.stack[0] !== stack ? null : Math.max(tNs - age, 0);
}

function culpritOf(answer: Answer<'Top'> | undefined, since_ns: number | null): Culprit | null {
  const c = answer?.columns;
  if (!c || c.bytes[0] === undefined || c.stack[0] === undefined) return null;
  return {
    name: innermost(c.stack[0], c.text[0] ?? null),
    bytes: c.bytes[0],
    since_ns,
  };
}
