// SPDX-License-Identifier: MIT
// The state of the heap at a glance: what is wasted and who does it, where every resident byte goes, what to look at next.
import type { Page } from '~/pages/page';
import { Answered } from '~/parts/answered';
import { IdentityBar } from '~/parts/identity_bar';
import { rowOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { t, view } from '~/store/view';
import { formatBytes, formatTime } from '~/text/format';
import { Cards } from './cards';
import { Insights } from './insights';
import { Lists } from './lists';
import { RunFacts } from './run_facts';
import { Verdict } from './verdict';
import './overview.css';

function Content() {
  const { reel, process } = view.value;
  const heap = useRows(reel, 'Heap', { t: t.value, process });
  const run = useRows(reel, 'Run', {});
  return (
    <div class="stack">
      <Answered asked={heap} what="the heap">
        {(answer) =>
          answer.rows === 0 ? (
            <div class="note">
              Process {process} does not run at this moment; the page of processes lists when it did.
            </div>
          ) : (
            <div class="stack">
              <Verdict heap={rowOf(answer.columns, 0)} run={run.value} />
              <section class="panel stack" aria-label="Resident bytes">
                <IdentityBar bytes={rowOf(answer.columns, 0)} />
                <Kernel
                  sampleNs={answer.columns.sample_t_ns[0] ?? null}
                  bytes={answer.columns.kernel_resident_bytes[0] ?? null}
                />
              </section>
              <Cards heap={rowOf(answer.columns, 0)} run={run.value} />
            </div>
          )
        }
      </Answered>
      <Insights />
      <Lists />
      <Answered asked={run} what="the run">
        {(answer) => <RunFacts run={rowOf(answer.columns, 0)} />}
      </Answered>
    </div>
  );
}

function Kernel({ sampleNs, bytes }: { sampleNs: number | null; bytes: number | null }) {
  return (
    <span class="quiet">
      {sampleNs === null || bytes === null
        ? 'The kernel was not asked yet: all pages with blocks count as resident.'
        : `The kernel counted ${formatBytes(bytes)} at ${formatTime(sampleNs)}; carried on from there by the events.`}
    </span>
  );
}

export const page: Page = { name: 'overview', Content };
