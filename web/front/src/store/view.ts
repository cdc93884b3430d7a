// SPDX-License-Identifier: MIT
// What is looked at, for all pages: one value, written in the address so that a link restores it, and the moment that it
// names as the engine resolved it.
import { batch, computed, signal } from '@preact/signals';
import { hashOf } from '~/state/print';
import { stateParse } from '~/state/parse';
import { initialState } from '~/state/state';
import type { Moment } from '~/state/moment';
import type { Selection, State } from '~/state/state';

export const view = signal<State>(initialState());
/** Why a link could not be taken. */
export const linkRefusal = signal<string | null>(null);
/** While somebody drags or the run plays: answers that cost a pass over all blocks wait. */
export const isMoving = signal(false);

/** The moment as the engine names it: its events, the time of the last one, and what is true of the heap there. */
interface Resolved {
  asked: string;
  events: number;
  tNs: number;
  liveBytes: number;
  damagedEvents: number;
}
export const resolved = signal<Resolved | null>(null);

/** Parts of the view that stay the same while the moment moves: who reads these alone is not drawn anew for it. */
export const selection = computed(() => view.value.selection);
export const filter = computed(() => view.value.filter);
export const sort = computed(() => view.value.sort);

/** As the server takes a moment. */
export function asked(moment: Moment): string {
  return 'events' in moment ? String(moment.events) : moment.text;
}

export const t = computed(() => asked(view.value.t));
/** Where a mark is not set, ranges begin or end at what design.md says: the beginning, or the moment. */
export const markA = computed(() => (view.value.a ? asked(view.value.a) : null));
export const markB = computed(() => (view.value.b ? asked(view.value.b) : null));

const WRITE_MS = 200; // browsers refuse faster changes of the address, and each costs them a look at the page's icon
let writing: ReturnType<typeof setTimeout> | undefined;

/** Takes part of a state. A step that Back should undo is pushed; scrubbing is not. */
export function change(part: Partial<State>, how: 'push' | 'replace' = 'replace'): void {
  if (how === 'push') {
    writeNow();
    view.value = { ...view.peek(), ...part };
    history.pushState(null, '', hashOf(view.peek()));
    return;
  }
  view.value = { ...view.peek(), ...part };
  writing ??= setTimeout(writeAtRest, WRITE_MS);
}

function writeAtRest(): void {
  if (isMoving.peek()) writing = setTimeout(writeAtRest, WRITE_MS);
  else writeNow();
}

function writeNow(): void {
  if (writing === undefined) return;
  clearTimeout(writing);
  writing = undefined;
  history.replaceState(null, '', hashOf(view.peek()));
}

export function select(part: Partial<Selection>): void {
  change({ selection: { ...view.peek().selection, ...part } }, 'push');
}

export function goTo(moment: Moment): void {
  change({ t: moment, isFollowing: false });
}

// What a link that does not say begins with.
const beginning = (): State => ({ ...initialState(), t: { text: 'peak' } });

function read(): void {
  if (location.hash.length < 2) return;
  batch(() => {
    try {
      view.value = stateParse(location.hash, beginning());
      linkRefusal.value = null;
    } catch (error) {
      linkRefusal.value = error instanceof Error ? error.message : String(error);
    }
  });
}

/** Takes the address that the page was opened with, and those that Back and Forward bring. */
export function beginView(): void {
  view.value = beginning();
  read();
  history.replaceState(null, '', hashOf(view.peek())); // so that Back leads here, too
  addEventListener('popstate', read);
}
