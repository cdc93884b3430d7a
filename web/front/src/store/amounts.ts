// SPDX-License-Identifier: MIT
// The questions that belong to what stacks are measured by, and how the last answer is kept while somebody drags.
import type { Answer, Parameters } from '~/source/source';
import { useRows } from '~/source/use_answer';
import type { Asked } from '~/source/use_answer';
import type { Actions } from '~/keys/actions';
import { modes } from '~/state/state';
import type { State } from '~/state/state';
import { useKept, useRested } from './rested';
import { change, markA, markB, t, view } from './view';

/** The moments of a range; a mark that is not set is the moment, or the beginning where something happens from A on. */
export function range(mode: State['mode'], now: string, a: string | null, b: string | null): [string, string] {
  return [a ?? (mode === 'difference' ? now : '0'), b ?? now];
}

/** What the keys of stacks and sites do. */
export const amountActions: Actions = {
  VIEW: () => {
    const { mode } = view.peek();
    change({ mode: modes[(modes.indexOf(mode) + 1) % modes.length] ?? 'moment' });
  },
  DIFFERENCE: () => change({ mode: view.peek().mode === 'difference' ? 'moment' : 'difference' }, 'push'),
};

type Verb = NonNullable<Parameters<'FlameBetween'>['verb']>;

/** The call tree that is looked at. */
export function useFlame(): Asked<Answer<'Flame'>> {
  const { reel, process, measure, mode, isInverted } = view.value;
  const [t1, t2] = range(mode, t.value, markA.value, markB.value);
  const direction = isInverted ? ('callees' as const) : ('callers' as const);
  const tree = { direction, process };
  const isAsked = useRested();
  const at = useRows(reel, 'Flame', isAsked && mode === 'moment' ? { t: t.value, measure, ...tree } : null);
  const isDifference = mode === 'difference';
  const diff = useRows(reel, 'FlameDiff', isAsked && isDifference ? { t1, t2, measure, ...tree } : null);
  const isBetween = mode !== 'moment' && !isDifference;
  const verb = mode as Verb;
  const between = useRows(reel, 'FlameBetween', isAsked && isBetween ? { t0: t1, t1: t2, verb, ...tree } : null);
  return useKept(mode === 'moment' ? at : isDifference ? diff : between, isAsked);
}

/** The rows of stacks that are looked at. */
export function useSites(): Asked<Answer<'Sites'>> {
  const { reel, process, measure, mode, filter } = view.value;
  const [t1, t2] = range(mode, t.value, markA.value, markB.value);
  const isAsked = useRested();
  const at = {
    t: t.value,
    process,
    function: filter.function,
    class: filter.class,
    least: filter.leastBytes,
    most: filter.mostBytes,
  };
  const moment = useRows(reel, 'Sites', isAsked && mode === 'moment' ? { ...at, measure } : null);
  const isDifference = mode === 'difference';
  const diff = useRows(reel, 'SitesDiff', isAsked && isDifference ? { ...at, t1, t2, measure } : null);
  const isBetween = mode !== 'moment' && !isDifference;
  const verb = mode as Verb;
  const between = useRows(reel, 'SitesBetween', isAsked && isBetween ? { ...at, t0: t1, t1: t2, verb } : null);
  return useKept(mode === 'moment' ? moment : isDifference ? diff : between, isAsked);
}
