// SPDX-License-Identifier: MIT
// Two moments of one reel, or two reels, beside each other: did it help, what grew.
import { usePageActions } from '~/keys/actions';
import './compare.css';
import { Answered } from '~/parts/answered';
import type { Page } from '~/pages/page';
import { rowOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { measures } from '~/state/state';
import type { Measure } from '~/state/state';
import { change, view } from '~/store/view';
import { measureMeanings } from '~/text/amounts';
import { Classes, Heaps } from './heaps';
import { SideChoices, sides } from './sides';
import type { Side } from './sides';
import { Stacks } from './stacks';

function Content() {
  const both = sides();
  return (
    <div class="stack">
      <SideChoices />
      <Figures sides={both} />
      <div class="row">
        <h2>Stacks</h2>
        <Choices />
      </div>
      <Stacks sides={both} />
    </div>
  );
}

// Processes have numbers of their own in each reel.
function at(side: Side, isOne: boolean) {
  return { t: side.t, process: isOne ? view.value.process : 0 };
}

function Figures({ sides: both }: { sides: readonly [Side, Side] }) {
  const [a, b] = both;
  const isOne = a.reel === b.reel;
  const heapA = useRows(a.reel, 'Heap', at(a, isOne));
  const heapB = useRows(b.reel, 'Heap', at(b, isOne));
  const classesA = useRows(a.reel, 'Classes', at(a, isOne));
  const classesB = useRows(b.reel, 'Classes', at(b, isOne));
  const [before, after] = [heapA.value, heapB.value];
  return (
    <>
      <Answered asked={heapA} what="A">
        {() => (
          <Answered asked={heapB} what="B">
            {() =>
              before && after && before.rows > 0 && after.rows > 0 ? (
                <Heaps a={rowOf(before.columns, 0)} b={rowOf(after.columns, 0)} sides={both} />
              ) : (
                <div class="note">No process runs at one of the moments: choose another.</div>
              )
            }
          </Answered>
        )}
      </Answered>
      {classesA.value && classesB.value && <Classes a={classesA.value.columns} b={classesB.value.columns} />}
    </>
  );
}

function Choices() {
  const { measure, isInverted } = view.value;
  usePageActions({ INVERT: () => change({ isInverted: !isInverted }, 'push') });
  return (
    <>
      <label class="row">
        <span class="quiet">Measure</span>
        <select
          value={measure}
          title={measureMeanings[measure]}
          onChange={(event) => change({ measure: event.currentTarget.value as Measure }, 'push')}
        >
          {measures.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <button type="button" aria-pressed={isInverted} onClick={() => change({ isInverted: !isInverted }, 'push')}>
        Callees first
      </button>
    </>
  );
}

export const page: Page = { name: 'compare', Content };
