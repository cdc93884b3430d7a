// SPDX-License-Identifier: MIT
// Times as moments, and moments as times as far as they can be told without the reel's events.
import type { Moment } from '../state/moment';

/** A position that has been found: after so many events, the last of them at that time. */
interface Position {
  events: number;
  tNs: number;
}

/** What is known of a run without asking for a moment. */
export interface RunTimes {
  endNs: number;
  events: number;
  peak: Position | null;
  worst: Position | null;
}

const NS_IN_S = 1_000_000_000;

/** "12.345678901s": all events up to that nanosecond. */
export function momentAt(ns: number): Moment {
  const whole = Math.max(0, Math.round(ns));
  return { text: `${Math.floor(whole / NS_IN_S)}.${String(whole % NS_IN_S).padStart(9, '0')}s` };
}

function nsOfText(text: string): number | null {
  const parts = /^(\d+)(?:\.(\d*))?s$/.exec(text);
  return parts && Number(parts[1]) * NS_IN_S + Number((parts[2] ?? '').slice(0, 9).padEnd(9, '0'));
}

/** Null where only the reel can tell: the time of an event. */
export function timeOf(moment: Moment, run: RunTimes): number | null {
  if ('events' in moment) return moment.events === 0 ? 0 : moment.events >= run.events ? run.endNs : null;
  const share = /^(\d+(?:\.\d*)?)%$/.exec(moment.text)?.[1];
  if (share !== undefined) return (run.endNs * Number(share)) / 100;
  if (moment.text === 'end') return run.endNs;
  if (moment.text === 'peak') return run.peak?.tNs ?? null;
  if (moment.text === 'worst') return run.worst?.tNs ?? null;
  return nsOfText(moment.text);
}

/** A number of events or a time that the run has passed; not the peak, which may be passed again, nor the end. */
export function isPast(moment: string, times: RunTimes): boolean {
  if (/^\d+$/.test(moment)) return Number(moment) <= times.events;
  const ns = moment.endsWith('s') ? timeOf({ text: moment }, times) : null;
  return ns !== null && ns < times.endNs;
}
