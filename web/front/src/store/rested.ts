// SPDX-License-Identifier: MIT
// Answers that are long in the drawing, while somebody drags: the last one stays as it is until the moment rests.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Asked } from '~/source/use_answer';
import { isMoving } from './view';

const REST_MS = 60;

/** False while the moment moves and shortly after: a drawing of the last rest may have held up the next movement. */
export function useRested(): boolean {
  const moving = isMoving.value;
  const [isRested, setRested] = useState(!moving);
  useEffect(() => {
    if (moving) {
      setRested(false);
      return undefined;
    }
    const timer = setTimeout(() => setRested(true), REST_MS);
    return () => clearTimeout(timer);
  }, [moving]);
  return isRested && !moving;
}

/** An answer that comes while the moment moves is not drawn: the next rest asks anew. */
export function useKept<T>(asked: Asked<T>, isRested: boolean): Asked<T> {
  const kept = useRef(asked.value);
  if (isRested || kept.current === undefined) kept.current = asked.value;
  return { ...asked, value: kept.current };
}
