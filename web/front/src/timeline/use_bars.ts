// SPDX-License-Identifier: MIT
// The bars of the stretch that the timeline shows, asked for once it stays.
import { useEffect, useMemo, useState } from 'preact/hooks';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { useRested } from '~/store/rested';
import { run } from '~/store/run';
import { view } from '~/store/view';
import { hasParts } from './series';
import type { Bar } from './series';
import type { Span } from './span';

const POINTS = 60;
const STAY_MS = 250;

/** The stretch once it has stayed. */
function useStaying({ beginNs, endNs }: Span): Span | null {
  const [stayed, setStayed] = useState<Span | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setStayed({ beginNs, endNs }), STAY_MS);
    return () => clearTimeout(timer);
  }, [beginNs, endNs]);
  return stayed;
}

export function useBars(span: Span): readonly Bar[] {
  const { reel, process } = view.value;
  const stayed = useStaying(span);
  const isAsked = useRested() && hasParts() && run.value.endNs > 0 && stayed !== null;
  const stretch = { t0_ns: stayed?.beginNs ?? 0, t1_ns: stayed?.endNs ?? 0 };
  const asked = useRows(reel, 'HeapOver', isAsked ? { ...stretch, points: POINTS, process } : null);
  const isShown = hasParts();
  return useMemo(() => (asked.value && isShown ? rowsOf(asked.value.columns) : []), [asked.value, isShown]);
}
