// SPDX-License-Identifier: MIT
// A stretch of the run made of finer points that are held: sums are summed, extremes kept, the last stands for the end.
import type { Columns } from './source';

type Points = Columns<'Timeline'>;

const SUMS = ['events', 'allocations', 'frees', 'resizes', 'requested_bytes'] as const;
const LASTS = ['end_ns', 'live_bytes', 'live_blocks'] as const;

/** At most `count` points of those that lie in the stretch, at least in part. */
export function regrouped(held: Points, beginNs: number, endNs: number, count: number): Points {
  const from = held.end_ns.findIndex((end) => end > beginNs);
  const past = held.begin_ns.findIndex((begin) => begin >= endNs);
  const first = from < 0 ? held.end_ns.length : from;
  const end = past < 0 ? held.end_ns.length : past;
  const groups = Math.max(0, Math.min(count, end - first));
  const made = emptyPoints();
  for (let group = 0; group < groups; group++) {
    const begin = first + Math.floor(((end - first) * group) / groups);
    append(made, held, begin, first + Math.floor(((end - first) * (group + 1)) / groups));
  }
  return made;
}

function emptyPoints(): Points {
  const names = ['begin_ns', 'live_bytes_min', 'live_bytes_max', 'resident_bytes', ...SUMS, ...LASTS];
  return Object.fromEntries(names.map((name) => [name, []])) as unknown as Points;
}

function append(made: Points, held: Points, begin: number, end: number): void {
  const last = end - 1;
  made.begin_ns.push(held.begin_ns[begin] ?? 0);
  for (const name of LASTS) made[name].push(held[name][last] ?? 0);
  for (const name of SUMS) made[name].push(held[name].slice(begin, end).reduce((sum, value) => sum + value, 0));
  made.live_bytes_min.push(Math.min(...held.live_bytes_min.slice(begin, end)));
  made.live_bytes_max.push(Math.max(...held.live_bytes_max.slice(begin, end)));
  made.resident_bytes.push(held.resident_bytes[last] ?? null);
}
