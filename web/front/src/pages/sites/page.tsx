// SPDX-License-Identifier: MIT
// Allocating stacks as a list, with all that is known of each; which of them only grow, and which blocks another thread
// frees.
import { useMemo } from 'preact/hooks';
import './sites.css';
import { usePageActions } from '~/keys/actions';
import { AmountChoice } from '~/parts/amount_choice';
import { Answered } from '~/parts/answered';
import { Table } from '~/parts/table';
import type { Page } from '~/pages/page';
import type { Answer } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { amountActions, useSites } from '~/store/amounts';
import { useRested } from '~/store/rested';
import { change, markA, markB, resolved, select, t, view } from '~/store/view';
import { amountTitle, whyNothing } from '~/text/amounts';
import { formatCount } from '~/text/format';
import { byStack, siteColumns } from './columns';
import type { Beside } from './columns';
import { Crossings } from './crossings';
import { Growth, useGrowth } from './growth';
import { StackDetail } from './stack_detail';

function Content() {
  const asked = useSites();
  const { mode, measure, a, b, selection } = view.value;
  const growth = useGrowth();
  usePageActions(amountActions);
  return (
    <div class="stack">
      <div class="row">
        <AmountChoice />
        <span class="quiet">{amountTitle({ mode, measure, a, b }, resolved.value?.tNs ?? null)}</span>
      </div>
      <Answered asked={asked} what="allocating stacks">
        {(answer) => <SiteTable answer={answer} growing={growth.value?.columns.stack ?? []} />}
      </Answered>
      {selection.stack !== null && <StackDetail stack={selection.stack} />}
      <Growth asked={growth} />
      <Crossings />
    </div>
  );
}

/** The difference from A to B beside other figures, where both marks are set. */
function useDeltas(): ReadonlyMap<number, number> | null {
  const { reel, process, measure, mode } = view.value;
  const [t1, t2] = [markA.value, markB.value];
  const isRested = useRested();
  const isAsked = t1 !== null && t2 !== null && mode !== 'difference' && isRested;
  const asked = useRows(reel, 'SitesDiff', isAsked ? { t: t2, t1, t2, measure, process } : null);
  const c = asked.value?.columns;
  return useMemo(
    () =>
      c && t1 !== null && t2 !== null ? new Map(c.stack.map((stack, row) => [stack ?? 0, c.bytes[row] ?? 0])) : null,
    [c, t1, t2],
  );
}

function SiteTable({ answer, growing }: { answer: Answer<'Sites'>; growing: readonly (number | null)[] }) {
  const { reel, process, mode, measure, search, sort, selection } = view.value;
  const sums = useRows(reel, 'SiteSums', useRested() ? { t: t.value, process } : null);
  const deltas = useDeltas();
  const c = answer.columns;
  const nowNs = resolved.value?.tNs ?? null;
  const beside: Beside = useMemo(() => {
    const known = sums.value?.columns ?? null;
    const grows = new Set(growing.map((stack) => stack ?? 0));
    return { sums: known, sumRows: byStack(known?.stack ?? []), deltas, grows, nowNs };
  }, [sums.value, deltas, growing, nowNs]);
  const columns = useMemo(() => siteColumns(c, { mode, measure, search }, beside), [c, mode, measure, search, beside]);
  const passing = c.is_passing.reduce((sum, one) => sum + one, 0);
  return (
    <div class="stack sites-table">
      {passing < answer.rows && (
        <span class="quiet">
          {formatCount(passing)} of {formatCount(answer.rows)} stacks pass the filter; the others are grey
        </span>
      )}
      {sums.refusal && (
        <span class="quiet">
          Peak, allocated, temporary, leaked and oldest are missing: {sums.refusal.what}.{' '}
          <button type="button" onClick={sums.again}>
            Ask again
          </button>
        </span>
      )}
      <Table
        label="Allocating stacks"
        columns={columns}
        count={c.stack.length}
        sort={sort ? (sort.isDescending ? '-' : '') + sort.column : '-bytes'}
        onSort={(name) =>
          change({ sort: { column: name.replace('-', ''), isDescending: name.startsWith('-') } }, 'push')
        }
        isSelected={(row) => selection.stack !== null && c.stack[row] === selection.stack}
        isDim={(row) => c.is_passing[row] === 0}
        onSelect={(row) => select({ stack: c.stack[row] ?? null })}
        empty={whyNothing(view.value)}
      />
    </div>
  );
}

export const page: Page = { name: 'sites', Content };
