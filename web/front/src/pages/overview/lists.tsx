// SPDX-License-Identifier: MIT
// The stacks that matter most at the moment: who pins, who holds, who only grows, who allocates for nothing.
import { Answered } from '~/parts/answered';
import { Site } from '~/parts/site';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { isMoving, t, view } from '~/store/view';
import type { Measure } from '~/state/state';
import { exactBytes, formatBytes, formatCount, formatShare } from '~/text/format';

const SHOWN = 5;

export function Lists() {
  return (
    <div class="columns">
      <Measured measure="pinned" title="Pin most" empty="No free bytes are pinned." />
      <Measured measure="live" title="Hold most" empty="No block lives at this moment." />
      <Growing />
      <Measured measure="temporary" title="Temporary" empty="No block was freed by its thread's next event." />
    </div>
  );
}

function Measured({ measure, title, empty }: { measure: Measure; title: string; empty: string }) {
  const { reel, process } = view.value;
  const top = useRows(reel, 'Top', isMoving.value ? null : { t: t.value, process, measure, count: SHOWN });
  return (
    <section class="panel stack" aria-label={title}>
      <h2>{title}</h2>
      <Answered asked={top} what={title.toLowerCase()}>
        {(answer) =>
          answer.rows === 0 ? (
            <span class="quiet">{empty}</span>
          ) : (
            <ul class="list">
              {rowsOf(answer.columns).map((row) => (
                <li key={row.stack}>
                  <span class="number" title={exactBytes(row.bytes)}>
                    {formatBytes(row.bytes)}
                  </span>
                  <span class="number quiet">{formatShare(row.bytes, row.total_bytes)}</span>
                  <Site stack={row.stack} text={row.text} page="stacks" />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}

function Growing() {
  const { reel } = view.value;
  const growth = useRows(reel, 'Growth', isMoving.value ? null : { t1: t.value, count: SHOWN });
  return (
    <section class="panel stack" aria-label="Only grow">
      <h2>Only grow</h2>
      <Answered asked={growth} what="stacks that only grow">
        {(answer) =>
          answer.rows === 0 ? (
            <span class="quiet">No stack only grows up to here.</span>
          ) : (
            <ul class="list">
              {rowsOf(answer.columns).map((row) => (
                <li key={row.stack}>
                  <span class="number" title={exactBytes(row.last_live_bytes)}>
                    +{formatBytes(row.last_live_bytes - row.first_live_bytes)}
                  </span>
                  <span class="number quiet">{formatCount(row.last_live_blocks)}</span>
                  <Site stack={row.stack} text={row.text} page="stacks" />
                </li>
              ))}
            </ul>
          )
        }
      </Answered>
    </section>
  );
}
