// SPDX-License-Identifier: MIT
// What surrounds an answer: that it is on its way, that it is not all, that it was refused and what to do.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Asked } from '~/source/use_answer';
import { isMoving, view } from '~/store/view';

/** Shorter waits are not shown. */
const SILENT_MS = 200;
const FOLLOWING_S = 3;

function useSeconds(isBusy: boolean): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    setSeconds(0);
    if (!isBusy) return;
    const begin = performance.now();
    const timer = setInterval(() => setSeconds((performance.now() - begin) / 1000), SILENT_MS);
    return () => clearInterval(timer);
  }, [isBusy]);
  return seconds;
}

interface AnsweredProps<T> {
  asked: Asked<T>;
  /** What is being looked for: "pages", "who pins them". */
  what: string;
  /** The page itself leads to the rows beyond the limit. */
  isPaged?: boolean;
  children: (value: T) => ComponentChildren;
}

/** Draws the answer; while the next is under way the last one stays, paler. */
export function Answered<T>({ asked, what, isPaged, children }: AnsweredProps<T>) {
  const seconds = useSeconds(asked.isBusy);
  // Without a flicker, longer while a recording is followed or a run scrubbed: to pale a page and back is to paint it twice.
  const calmSeconds = view.value.isFollowing || isMoving.value ? FOLLOWING_S : SILENT_MS / 1000;
  const isCalm = asked.value !== undefined && seconds < calmSeconds;
  const truncated = (asked.value as { truncated?: 'rows' | 'time' | null } | undefined)?.truncated;
  return (
    <div class="stack" aria-busy={asked.isBusy}>
      {asked.isBusy && seconds > 0 && !isCalm && (
        <div class="row quiet" role="status">
          <progress aria-label={`looking for ${what}`} /> {what}: {seconds.toFixed(1)} s
          <button type="button" onClick={asked.cancel}>
            Cancel
          </button>
        </div>
      )}
      {asked.refusal && (
        <div class="note refusal" role="alert">
          {asked.refusal.what} ({asked.refusal.where}). <span class="quiet">{asked.refusal.toDo}</span>{' '}
          <button type="button" onClick={asked.again}>
            Ask again
          </button>
        </div>
      )}
      {asked.isStopped && (
        <div class="note">
          Stopped{asked.value === undefined ? '' : ': what is shown is the answer before'}.{' '}
          <button type="button" onClick={asked.again}>
            Ask again
          </button>
        </div>
      )}
      {truncated && !(isPaged && truncated === 'rows') && (
        <div class="note partial">
          {truncated === 'time'
            ? 'Not all: the time for a question was up. What came before is shown.'
            : 'Not all: there are more rows than are shown.'}
        </div>
      )}
      {asked.value !== undefined && (
        <div class={asked.isStale ? `is-stale${isCalm ? ' is-calm' : ''}` : ''}>{children(asked.value)}</div>
      )}
    </div>
  );
}
