// SPDX-License-Identifier: MIT
// The two things that are compared: which reel, at which moment. Two moments of one reel are its marks A and B.
import { useState } from 'preact/hooks';
import { momentParse, momentPrint } from '~/state/moment';
import type { Moment } from '~/state/moment';
import { Refusal } from '~/state/refusal';
import { reels } from '~/store/source';
import { asked, change, view } from '~/store/view';

export interface Side {
  letter: 'A' | 'B';
  reel: number;
  moment: Moment;
  /** As the server takes it. */
  t: string;
  /** "log_ring.reel at peak" */
  name: string;
}

const named = ['begin', 'peak', 'worst', 'end'];

/** A mark that is not set is the peak; the second one of the same reel is its end. */
export function sides(): readonly [Side, Side] {
  const { reel, other, a, b } = view.value;
  const isOne = other === null || other === reel;
  return [make('A', reel, a ?? { text: 'peak' }), make('B', other ?? reel, b ?? { text: isOne ? 'end' : 'peak' })];
}

function make(letter: 'A' | 'B', reel: number, moment: Moment): Side {
  const file = reels.value[reel]?.name ?? `reel ${reel}`;
  return { letter, reel, moment, t: asked(moment), name: `${file} at ${momentPrint(moment)}` };
}

export function SideChoices() {
  const [a, b] = sides();
  return (
    <div class="row">
      <SideChoice side={a} />
      <SideChoice side={b} />
      <button
        type="button"
        onClick={() =>
          change({ reel: b.reel, other: a.reel === b.reel ? null : a.reel, a: b.moment, b: a.moment }, 'push')
        }
      >
        Swap A and B
      </button>
    </div>
  );
}

function SideChoice({ side }: { side: Side }) {
  const [refusal, setRefusal] = useState('');
  const isA = side.letter === 'A';
  const text = momentPrint(side.moment);
  const setMoment = (moment: Moment) => change(isA ? { a: moment } : { b: moment }, 'push');
  const setReel = (reel: number) => change(isA ? { reel } : { other: reel === view.peek().reel ? null : reel }, 'push');
  const take = (written: string) => {
    try {
      setMoment(momentParse(written));
      setRefusal('');
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setRefusal(error.message);
    }
  };
  return (
    <fieldset class="row compare-side">
      <legend>{side.letter}</legend>
      <select
        aria-label={`Reel of ${side.letter}`}
        value={side.reel}
        onChange={(event) => setReel(Number(event.currentTarget.value))}
      >
        {reels.value.map((reel) => (
          <option key={reel.reel} value={reel.reel}>
            {reel.name}
          </option>
        ))}
      </select>
      {named.map((name) => (
        <button key={name} type="button" aria-pressed={text === name} onClick={() => take(name)}>
          {name}
        </button>
      ))}
      <input
        aria-label={`Moment of ${side.letter}`}
        size={9}
        value={named.includes(text) ? '' : text}
        placeholder="12.5s, 40%"
        onChange={(event) => take(event.currentTarget.value)}
      />
      {refusal && (
        <span class="quiet" role="alert">
          {refusal}
        </span>
      )}
    </fieldset>
  );
}
