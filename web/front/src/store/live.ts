// SPDX-License-Identifier: MIT
// A recording that goes on is looked for four times a second, once while nobody sees the page.
import { computed } from '@preact/signals';
import { isAnyUnderWay } from '~/source/asker';
import { refreshReels, reels } from './source';
import { view } from './view';

const SEEN_MS = 250;
const HIDDEN_MS = 1000;
const PATIENT_MS = 5000; // for answers under way

let looked = 0;

/** Whether the reel can still grow: it was not finished, and its recorder has it open. */
export function isLiveReel(reel: number): boolean {
  return reels.value[reel]?.is_growing ?? false;
}

/** Of the reel that is looked at. */
export const isLive = computed(() => isLiveReel(view.value.reel));

// A reel that has grown has all questions asked anew: those under way come first, else slow ones would never be answered.
async function look(): Promise<void> {
  const isAny = reels.peek().some((reel) => reel.is_growing);
  const isBusy = isAnyUnderWay() && performance.now() - looked < PATIENT_MS;
  try {
    if (isAny && !isBusy) {
      looked = performance.now();
      await refreshReels();
    }
  } catch {
    // The server may be back at the next look; what is shown says itself when an answer fails.
  }
  if (isAny) setTimeout(() => void look(), document.hidden ? HIDDEN_MS : SEEN_MS);
}

/** Begins to look; ends by itself when all recordings have. */
export function beginLive(): void {
  setTimeout(() => void look(), SEEN_MS);
}
