// SPDX-License-Identifier: MIT
// What stacks are measured by, in the words of the terminal: the title of an answer, and why there is nothing in it.
import type { Measure, Mode, State } from '~/state/state';
import { momentPrint } from '~/state/moment';
import { formatTime } from './format';

export const modeTitles: Readonly<Record<Mode, string>> = {
  moment: 'at the moment',
  difference: 'difference A to B',
  allocated: 'allocated A to B',
  freed: 'freed A to B',
  alive: 'alive throughout A to B',
  unfreed: 'unfreed of A to B',
};

export const measureMeanings: Readonly<Record<Measure, string>> = {
  live: 'bytes of live blocks',
  peak: 'bytes of live blocks when there were most, until the moment',
  allocated: 'bytes of all allocations until the moment',
  temporary: 'bytes of blocks that the next event of their thread freed',
  leaked: 'bytes of blocks that lived when their process ended',
  pinned: 'share of the free bytes on the pages that its blocks keep: waste',
  rounding: 'usable bytes of live blocks less what was asked for',
};

// Of all that came before; the others are of the moment itself.
const sums: readonly Measure[] = ['peak', 'allocated', 'temporary', 'leaked'];

type Looked = Pick<State, 'mode' | 'measure' | 'a' | 'b'>;

/** "pinned at 12.480 s", "difference of live from A 1s to B 2s", "freed from the beginning to 12.480 s" */
export function amountTitle({ mode, measure, a, b }: Looked, nowNs: number | null): string {
  const here = nowNs === null ? 'here' : formatTime(nowNs);
  if (mode === 'moment') return `${measure} ${sums.includes(measure) ? 'until' : 'at'} ${here}`;
  const from = a ? `A ${momentPrint(a)}` : mode === 'difference' ? here : 'the beginning';
  const to = b ? `B ${momentPrint(b)}` : here;
  return mode === 'difference' ? `difference of ${measure} from ${from} to ${to}` : `${mode} from ${from} to ${to}`;
}

/** In place of an answer without rows: what is missing, and what helps. */
export function whyNothing({ mode, measure }: Looked): string {
  if (mode === 'difference')
    return 'nothing differs: set marks with a and b further apart, or press d to leave the difference';
  if (mode !== 'moment') return 'nothing in this range: set marks with a and b, or choose another view';
  switch (measure) {
    case 'leaked':
      return 'nothing is leaked here: blocks leak when their process ends; go to the end, or choose another measure';
    case 'temporary':
      return 'no temporary blocks until here; go to the end, or choose another measure';
    case 'rounding':
      return 'nothing is lost by rounding here; choose another measure';
    case 'pinned':
      return 'nothing is pinned here; go to the moment of most waste, or choose another measure';
    default:
      return 'no blocks yet at this moment; go to the peak';
  }
}
