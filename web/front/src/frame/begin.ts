// SPDX-License-Identifier: MIT
// The frame's own actions: pages, closing, theme. Those that move in time are the timeline's.
import { addActions } from '~/keys/actions';
import type { Actions } from '~/keys/actions';
import { pages } from '~/state/state';
import type { Page } from '~/state/state';
import { emptyFilter, filterIsEmpty } from '~/state/filter';
import { nextTheme } from '~/store/theme';
import { change, view } from '~/store/view';
import { isPlaying, pause } from '~/timeline/player';
import { travelActions } from '~/timeline/travel';

export function openPage(page: Page): void {
  if (view.peek().page !== page) change({ page, sort: null }, 'push');
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

export function beginActions(): void {
  const toPages = pages.map((page): [string, () => void] => [`PAGE_${page.toUpperCase()}`, () => openPage(page)]);
  const own: Actions = { BACK: back, THEME: nextTheme };
  addActions({ ...travelActions, ...Object.fromEntries(toPages), ...own });
}
