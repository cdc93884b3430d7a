// SPDX-License-Identifier: MIT
// What is wrong with the program and with the recording: misuses that an allocator of ours noticed, advice with its
// evidence, losses in words, stacks that two ways of capturing do not agree on.
import { Answered } from '~/parts/answered';
import { LossList } from '~/parts/losses';
import { Site } from '~/parts/site';
import type { Page } from '~/pages/page';
import type { RowOf } from '~/source/rows';
import { rowsOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { goTo, isMoving, t, view } from '~/store/view';
import {
  ADVICE_HEADING,
  ADVICE_NOT_COMPLETE,
  adviceDifference,
  adviceMisuse,
  adviceNeighbour,
  advicePinned,
} from '~/text/advice';
import { formatBytes, formatTime } from '~/text/format';
import './findings.css';

function Content() {
  return (
    <div class="stack">
      <Misuses />
      <AdviceList />
      <Losses />
      <Differences />
    </div>
  );
}

function Misuses() {
  const found = useRows(view.value.reel, 'Findings', {});
  return (
    <section class="panel stack" aria-label="Misuse of memory">
      <h2>Misuse of memory</h2>
      <Answered asked={found} what="misuses">
        {(answer) =>
          answer.rows === 0 ? (
            <span class="quiet">
              None was noticed. Double and invalid frees, overflows and writes after free are found under an allocator
              of ours: <code>heapreel record --allocator zoned PROGRAM</code>
            </span>
          ) : (
            <ol class="findings">
              {rowsOf(answer.columns).map((row) => (
                <Misuse key={row.finding} row={row} />
              ))}
            </ol>
          )
        }
      </Answered>
    </section>
  );
}

function Misuse({ row }: { row: RowOf<Columns<'Findings'>> }) {
  return (
    <li>
      <div class="row">
        <strong>{adviceMisuse(row)}</strong>
        <button type="button" onClick={() => goTo({ events: row.event })}>
          Go to {formatTime(row.t_ns)}
        </button>
      </div>
      <Where title="noticed in" stack={row.stack} text={row.text} />
      <Where title="allocated in" stack={row.alloc_stack} text={row.alloc_text} />
      <Where title="freed before in" stack={row.first_free_stack} text={row.first_free_text} />
    </li>
  );
}

function Where({ title, stack, text }: { title: string; stack: number | null; text: string | null }) {
  if (stack === null) return null;
  return (
    <div class="where">
      <span class="quiet">{title}</span>
      <Site stack={stack} text={text} page="stacks" frames={8} />
    </div>
  );
}

function AdviceList() {
  const { reel, process } = view.value;
  const advice = useRows(reel, 'Advice', isMoving.value ? null : { t: t.value, process, count: 20 });
  return (
    <section class="panel stack" aria-label="Advice">
      <h2>Advice at this moment</h2>
      <span class="quiet">{ADVICE_HEADING}</span>
      <Answered asked={advice} what="who pins, and beside whom">
        {(answer) =>
          answer.rows === 0 ? (
            <span class="quiet">No stack pins more than it holds here. W goes to the moment of most waste.</span>
          ) : (
            <ol class="findings">
              {rowsOf(answer.columns).map((row) => (
                <li key={row.stack}>
                  <strong>{formatBytes(row.pinned_bytes)}</strong> {advicePinned(row, row)}
                  <Where title="allocated in" stack={row.stack} text={row.text} />
                  {row.neighbour_stack !== null && (
                    <>
                      <div class="quiet">{adviceNeighbour(row)}</div>
                      <Where title="their stack" stack={row.neighbour_stack} text={row.neighbour_text} />
                    </>
                  )}
                </li>
              ))}
            </ol>
          )
        }
      </Answered>
    </section>
  );
}

function Losses() {
  const run = useRows(view.value.reel, 'Run', {});
  return (
    <section class="panel stack" aria-label="Losses">
      <h2>What is missing</h2>
      {run.value?.columns.is_complete[0] === 0 && <span class="badge">{ADVICE_NOT_COMPLETE}</span>}
      <LossList />
    </section>
  );
}

function Differences() {
  const found = useRows(view.value.reel, 'Differences', {});
  if (!found.value || found.value.rows === 0) return null;
  return (
    <section class="panel stack" aria-label="Wrong stacks">
      <h2>Wrong stacks</h2>
      <ol class="findings">
        {rowsOf(found.value.columns).map((row) => (
          <li key={`${row.process} ${row.number}`}>
            {adviceDifference({ ...row, thread: row.thread ?? 0 })}
            <Where title="walked" stack={row.walked_stack} text={row.walked_text} />
            <Where title="unwound" stack={row.unwound_stack} text={row.unwound_text} />
          </li>
        ))}
      </ol>
    </section>
  );
}

export const page: Page = { name: 'findings', Content };
