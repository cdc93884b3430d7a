// SPDX-License-Identifier: MIT
// What is looked at and what the address says of it: which steps Back undoes.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { hashOf } from '../../src/state/print';
import { beginView, change, goTo, isMoving, linkRefusal, select, view } from '../../src/store/view';

/** A browser's history, as far as a page writes it. */
let entries: string[] = [];
let goBack: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  entries = [''];
  const location = { hash: '' };
  const put = (hash: string) => (location.hash = hash);
  vi.stubGlobal('location', location);
  vi.stubGlobal('history', {
    pushState: (_: null, __: string, hash: string) => entries.push(put(hash)),
    replaceState: (_: null, __: string, hash: string) => entries.splice(-1, 1, put(hash)),
  });
  vi.stubGlobal('addEventListener', (_: string, listen: () => void) => {
    goBack = () => {
      entries.pop();
      put(entries.at(-1) ?? '');
      listen();
    };
  });
  beginView();
});

afterEach(() => {
  vi.runOnlyPendingTimers();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('a run is first looked at at its peak', () => {
  expect(view.value.t).toEqual({ text: 'peak' });
  expect(entries).toEqual([hashOf(view.value)]);
});

test('a drag is one entry, that of its last moment, written once it may be', () => {
  const before = entries[0];
  for (const events of [1, 2, 3]) goTo({ events });
  expect(entries).toEqual([before]);
  vi.runAllTimers();
  expect(entries).toEqual([hashOf(view.value)]);
  expect(view.value.t).toEqual({ events: 3 });
});

test('while the moment moves the address stays, and is written once it rests', () => {
  const before = entries[0];
  isMoving.value = true;
  goTo({ events: 5 });
  vi.advanceTimersByTime(5000);
  expect(entries).toEqual([before]);
  isMoving.value = false;
  vi.runAllTimers();
  expect(entries).toEqual([hashOf(view.value)]);
});

test('Back undoes what was chosen and not the drag before it', () => {
  goTo({ events: 9 });
  select({ stack: 4 });
  change({ page: 'map' }, 'push');
  expect(entries).toHaveLength(3);
  goBack();
  expect(view.value).toMatchObject({ page: 'overview', t: { events: 9 }, selection: { stack: 4 } });
  goBack();
  expect(view.value).toMatchObject({ t: { events: 9 }, selection: { stack: null } });
});

test('a link that cannot be taken leaves the view as it is, and is refused until one can', () => {
  change({ page: 'map' }, 'push');
  entries.splice(-1, 0, '#v=1&t=nonsense%%');
  goBack();
  expect(linkRefusal.value).not.toBeNull();
  expect(view.value.page).toBe('map');
  entries.splice(-1, 0, '#v=1&t=peak&p=sites');
  goBack();
  expect(linkRefusal.value).toBeNull();
  expect(view.value.page).toBe('sites');
});
