// SPDX-License-Identifier: MIT
// What the timeline draws: each of its lines and bands can be left out, by its word in the legend.
import { signal } from '@preact/signals';
import { isLive } from '~/store/live';
import { run } from '~/store/run';
import { identityParts } from '~/text/identity';
import type { IdentityPart } from '~/text/identity';

export type Series = 'live' | 'resident' | 'allocated' | 'freed' | IdentityPart['name'];

export const leftOut = signal<ReadonlySet<Series>>(new Set());

export function toggleSeries(series: Series): void {
  const next = new Set(leftOut.value);
  if (!next.delete(series)) next.add(series);
  leftOut.value = next;
}

const EVENTS_UNASKED = 1 << 24; // of more the parts take the engine seconds: they are asked for by hand

const wanted = signal<boolean | null>(null);

/** Whether the parts of the resident bytes are drawn: what they are while a recording goes on would be asked ever anew. */
export function hasParts(): boolean {
  return !isLive.value && (wanted.value ?? run.value.events <= EVENTS_UNASKED);
}

export function toggleParts(): void {
  wanted.value = !hasParts();
}

/** A bar of the timeline: what is true at the end of its stretch of time. */
export interface Bar extends Record<IdentityPart['column'], number> {
  begin_ns: number;
  end_ns: number;
  /** Null: the kernel had not been asked; every page with a block counts as resident. */
  sample_t_ns: number | null;
}

export interface Layer {
  name: IdentityPart['name'];
  from: number;
  to: number;
}

/** The parts of a bar that are drawn, one upon the other. */
export function layersOf(bar: Bar, out: ReadonlySet<Series>): Layer[] {
  let from = 0;
  return identityParts
    .filter(({ name }) => !out.has(name))
    .map(({ name, column }) => ({ name, from, to: (from += bar[column]) }));
}
