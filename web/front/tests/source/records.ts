// SPDX-License-Identifier: MIT
// Records of a small report: three moments, of which two have names, and figures that tell them apart.
import type { Records } from '../../src/source/report_pack.ts';

export function answerOf(columns: Record<string, unknown[]>): object {
  const rows = Object.values(columns)[0]?.length ?? 0;
  return { columns, rows, truncated: null, elapsed_ms: 1, generation: 'g', sql: '' };
}

function heap(events: number, tNs: number): [string, object] {
  return [`heap?t=${events}`, answerOf({ events: [events], t_ns: [tNs], live_bytes: [events * 10] })];
}

const about = {
  version: 1,
  reel: { reel: 0, name: 'x.reel', generation: 'g', is_complete: true },
  processes: 1,
  defaults: {
    heap: { process: '0' },
    top: { measure: 'live', count: '5', process: '0' },
    growth: { t0: '0', t1: 'end', count: '100' },
    timeline: { t0_ns: '0', points: '500' },
  },
  choose_none: { heap: ['of'], top: ['count'], growth: ['count'], timeline: ['t0_ns', 't1_ns', 'points'] },
  left_out: ['flame pinned (2 of 3)'],
};

export const bodies: Record<string, object> = {
  about,
  'run?': answerOf({ duration_ns: [10e9] }),
  'moments?': answerOf({ name: ['begin', 'peak', 'end'], events: [0, 400, 1000] }),
  ...Object.fromEntries([heap(0, 0), heap(400, 2e9), heap(700, 6e9), heap(1000, 10e9)]),
  'top?t=400': answerOf({ stack: [1, 2, 3], bytes: [30, 20, 10] }),
  'top?measure=pinned&t=1000': answerOf({ stack: [4], bytes: [5] }),
  'growth?t0=0&t1=1000': answerOf({ stack: [7] }),
};

export function recordsOf(from: Record<string, object>): Records {
  const text = new TextEncoder();
  return new Map(Object.entries(from).map(([address, body]) => [address, text.encode(JSON.stringify(body))]));
}
