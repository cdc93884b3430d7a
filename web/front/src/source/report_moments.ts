// SPDX-License-Identifier: MIT
// The moments that a report holds, and which of them is the nearest to one that is asked about.

export interface Kept {
  events: number;
  tNs: number;
}

export interface KeptMoments {
  /** By events. At least one. */
  all: readonly Kept[];
  named: ReadonlyMap<string, number>;
  endNs: number;
}

function nearest(all: readonly Kept[], far: (kept: Kept) => number): number {
  return all.reduce((best, kept) => (far(kept) < far(best) ? kept : best), all[0] ?? { events: 0, tNs: 0 }).events;
}

/** As pages ask: a number of events, a name, 12.5s or 40%. In events. */
export function snapped(asked: string, { all, named, endNs }: KeptMoments): number {
  const parts = /^(\d+(?:\.\d*)?)(s|%)$/.exec(asked);
  if (parts) {
    const tNs = parts[2] === 's' ? Number(parts[1]) * 1e9 : (Number(parts[1]) / 100) * endNs;
    return nearest(all, (kept) => Math.abs(kept.tNs - tNs));
  }
  const events = named.get(asked) ?? (/^#\d+$/.test(asked) ? Number(asked.slice(1)) + 1 : Number(asked));
  return nearest(all, (kept) => Math.abs(kept.events - events));
}
