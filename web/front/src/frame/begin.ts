// SPDX-License-Identifier: MIT
// The frame's own actions: pages, closing, theme. Those that move in time are the timeline's.
import { signal } from '@preact/signals';
import { addActions } from '~/keys/actions';
import type { Actions } from '~/keys/actions';
import { initialState, measures, pages } from '~/state/state';
import type { Page } from '~/state/state';
import { emptyFilter, filterIsEmpty } from '~/state/filter';
import { nextTheme } from '~/store/theme';
import { isLiveReel } from '~/store/live';
import { change, view } from '~/store/view';
import { isPlaying, pause } from '~/timeline/player';
import { travelActions } from '~/timeline/travel';
import { openDialog } from './dialogs';
import { copyCommand, copyLink } from './share';

/** The page alone, without the timeline. */
export const isMaximised = signal(false);

export function openPage(page: Page): void {
  if (view.peek().page !== page) change({ page, sort: null }, 'push');
}

/** Moments, marks and what is selected are of one reel: another begins anew, on the same page. */
export function openReel(reel: number): void {
  pause();
  const isFollowing = isLiveReel(reel);
  const { page, measure, colour } = view.peek();
  const t = { text: isFollowing ? 'end' : 'peak' };
  change({ ...initialState(), page, measure, colour, reel, t, isFollowing }, 'push');
}

// The last that was begun ends first.
function back(): void {
  const { search, filter, selection } = view.peek();
  if (isPlaying.peek()) pause();
  else if (search !== '') change({ search: '' });
  else if (!filterIsEmpty(filter)) change({ filter: emptyFilter() }, 'push');
  else if (selection.class !== null || selection.stack !== null || selection.place !== null)
    change({ selection: { class: null, stack: null, place: null } }, 'push');
}

// A page that has measures of its own registers its own action.
function nextMeasure(): void {
  const { measure } = view.peek();
  change({ measure: measures[(measures.indexOf(measure) + 1) % measures.length] ?? 'live' });
}

export function beginActions(): void {
  const toPages = pages.map((page): [string, () => void] => [`PAGE_${page.toUpperCase()}`, () => openPage(page)]);
  const own: Actions = {
    BACK: back,
    THEME: nextTheme,
    LINK: copyLink,
    COMMAND: copyCommand,
    MAXIMISE: () => (isMaximised.value = !isMaximised.peek()),
    HELP: () => (openDialog.value = 'help'),
    PALETTE: () => (openDialog.value = 'palette'),
    MEASURE: nextMeasure,
  };
  addActions({ ...travelActions, ...Object.fromEntries(toPages), ...own });
}
