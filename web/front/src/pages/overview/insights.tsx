// SPDX-License-Identifier: MIT
// What to look at next, ranked by bytes: each with its evidence, each a link into a prepared state.
import { Answered } from '~/parts/answered';
import { shortStack } from '~/parts/site';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { change, isMoving, t, view } from '~/store/view';
import type { State } from '~/state/state';
import { ADVICE_HEADING, adviceNeighbour, advicePinned, adviceSparse } from '~/text/advice';
import { formatBytes } from '~/text/format';
import { ADVICE_COUNT } from './verdict';

interface Insight {
  bytes: number;
  what: string;
  why: string;
  leadsTo: Partial<State>;
}

export function Insights() {
  const { reel, process } = view.value;
  const at = isMoving.value ? null : { t: t.value, process };
  const advice = useRows(reel, 'Advice', at && { ...at, count: ADVICE_COUNT });
  const sparse = useRows(reel, 'Sparse', at);
  return (
    <section class="panel stack" aria-label="What to look at">
      <h2 title={ADVICE_HEADING}>What to look at</h2>
      <Answered asked={sparse} what="sparse pages">
        {(answer) => <SparsePages text={rowsOf(answer.columns).map(adviceSparse).join('')} />}
      </Answered>
      <Answered asked={advice} what="who pins, and beside whom">
        {(answer) => {
          const insights = rowsOf(answer.columns).map((row): Insight => ({
            bytes: row.pinned_bytes,
            what: shortStack(row.stack, row.text),
            why: [advicePinned(row, row), adviceNeighbour(row)].filter(Boolean).join('; '),
            leadsTo: {
              page: 'stacks',
              measure: 'pinned',
              mode: 'moment',
              selection: { ...view.peek().selection, stack: row.stack },
            },
          }));
          return insights.length === 0 ? (
            <span class="quiet">No stack pins more than it holds.</span>
          ) : (
            <ol class="insights">
              {insights.map((insight) => (
                <li key={insight.what}>
                  <button
                    type="button"
                    class="plain"
                    onClick={() => change({ ...insight.leadsTo, sort: null }, 'push')}
                  >
                    <strong>{formatBytes(insight.bytes)} pinned</strong> by <span class="mono">{insight.what}</span>
                    <div class="quiet">{insight.why}</div>
                  </button>
                </li>
              ))}
            </ol>
          );
        }}
      </Answered>
    </section>
  );
}

function SparsePages({ text }: { text: string }) {
  if (!text) return null;
  return (
    <button type="button" class="plain" onClick={() => change({ page: 'map', colour: 'fill' }, 'push')}>
      {text}
    </button>
  );
}
