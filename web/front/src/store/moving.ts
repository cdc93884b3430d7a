// SPDX-License-Identifier: MIT
// Moving through the run, and when it rests.
import type { Moment } from '~/state/moment';
import { goTo, isMoving } from './view';

const REST_MS = 150;
let resting: ReturnType<typeof setTimeout> | undefined;

/** Tells all that what they show will be left at once. */
export function moves(): void {
  isMoving.value = true;
  clearTimeout(resting);
  resting = setTimeout(() => (isMoving.value = false), REST_MS);
}

/** Goes to a moment that will not be the last: while dragging, playing or holding a key. */
export function scrubTo(moment: Moment): void {
  moves();
  goTo(moment);
}
