// SPDX-License-Identifier: MIT
// Where a step leads: by columns of the timeline, and by marks.
import type { Span } from './span';

/** A step is a hundredth of what is shown. */
export const COLUMNS = 100;

/** What a step needs of the timeline's points. */
interface StepPoints {
  end_ns: readonly number[];
  events: readonly number[];
}

/** The time so many columns away. Where the run was quiet a step on goes to where something else has happened. */
export function columnsAway(
  span: Span,
  tNs: number,
  columns: number,
  events: number,
  points: StepPoints | null,
): number {
  const widthNs = (span.endNs - span.beginNs) / COLUMNS;
  const to = Math.max(0, tNs + columns * widthNs);
  if (columns < 0 || points === null) return to;
  const busy = points.events.findIndex((count, point) => count > events && (points.end_ns[point] ?? 0) > tNs);
  return busy < 0 ? to : Math.max(to, points.end_ns[busy] ?? 0);
}

/** The nearest time beyond one, in a direction; null: none. */
export function nextTime(times: readonly (number | null)[], tNs: number, isOn: boolean): number | null {
  const beyond = times.filter((time): time is number => time !== null && (isOn ? time > tNs : time < tNs));
  if (beyond.length === 0) return null;
  return isOn ? Math.min(...beyond) : Math.max(...beyond);
}
