// SPDX-License-Identifier: MIT
// What is known of the run that is looked at, for all that moves in it: how long it is, where its peak lies, when marks
// are, and the points that the timeline shows.
import { computed, signal } from '@preact/signals';
import type { Columns } from '~/source/source';
import type { Moment } from '~/state/moment';
import { spanOf } from '~/timeline/span';
import { timeOf } from '~/timeline/moment_time';
import type { RunTimes } from '~/timeline/moment_time';
import { asked, resolved, view } from './view';

export const run = signal<RunTimes>({ endNs: 0, events: 0, peak: null, worst: null });
export const points = signal<Columns<'Timeline'> | null>(null);
/** Times of events that an answer brought, by reel and moment. */
const dated = signal<Readonly<Record<string, number>>>({});

function keyOf(moment: string): string {
  return `${view.value.reel}/${moment}`;
}

/** Remembers when a moment of the reel is that is looked at. */
export function date(moment: string, tNs: number): void {
  const key = keyOf(moment);
  if (dated.peek()[key] !== tNs) dated.value = { ...dated.peek(), [key]: tNs };
}

/** Null: not known yet. */
export function timeOfMoment(moment: Moment | null): number | null {
  if (moment === null) return null;
  const isResolved = resolved.value !== null && resolved.value.asked === asked(moment);
  const found = isResolved ? resolved.value?.tNs : dated.value[keyOf(asked(moment))];
  return timeOf(moment, run.value) ?? found ?? null;
}

export const span = computed(() => spanOf(view.value.zoom, run.value.endNs));
/** Where the moment lies; of a moment that was just left until the next is found. */
export const cursorNs = computed(() => timeOfMoment(view.value.t) ?? resolved.value?.tNs ?? 0);
