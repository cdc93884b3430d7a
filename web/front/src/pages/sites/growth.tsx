// SPDX-License-Identifier: MIT
// Stacks whose live bytes only grow: from A to B where they are set, else throughout the run.
import { Site } from '~/parts/site';
import type { Answer } from '~/source/source';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import type { Asked } from '~/source/use_answer';
import { markA, markB, view } from '~/store/view';
import { exactBytes, formatBytes, formatCount, formatDelta } from '~/text/format';

const SHOWN = 20;

export function useGrowth(): Asked<Answer<'Growth'>> {
  return useRows(view.value.reel, 'Growth', { t0: markA.value ?? '0', t1: markB.value ?? 'end', count: 100 });
}

export function Growth({ asked }: { asked: Asked<Answer<'Growth'>> }) {
  const { a, b } = view.value;
  const where = a || b ? 'from A to B' : 'throughout the run';
  const rows = asked.value ? rowsOf(asked.value.columns) : [];
  return (
    <section class="panel stack" aria-label="Grows throughout" aria-busy={asked.isBusy}>
      <h2>Grows throughout</h2>
      {asked.refusal && <span class="quiet">{`${asked.refusal.what}; ${asked.refusal.toDo}`}</span>}
      {asked.value && rows.length === 0 && (
        <span class="quiet">
          No stack's live bytes only grow {where}. Where a start-up or an end hides it, set marks with a and b around
          the steady part.
        </span>
      )}
      {rows.length > 0 && (
        <ul class="plain-list">
          {rows.slice(0, SHOWN).map((row) => (
            <li key={row.stack ?? 0} class="row">
              <span class="badge">grows</span>
              <span title={exactBytes(row.last_live_bytes - row.first_live_bytes)}>
                {formatDelta(row.last_live_bytes - row.first_live_bytes)}
              </span>
              <span class="quiet">
                to {formatBytes(row.last_live_bytes)} in {formatCount(row.last_live_blocks)} blocks
              </span>
              <Site stack={row.stack} text={row.text} />
            </li>
          ))}
        </ul>
      )}
      {rows.length > SHOWN && <span class="quiet">and {formatCount(rows.length - SHOWN)} more</span>}
    </section>
  );
}
