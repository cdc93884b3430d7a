// SPDX-License-Identifier: MIT
// What the timeline draws of the parts of the resident bytes, and what is left out.
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';

let series: typeof import('../../src/timeline/series');
let bars: typeof import('../../src/timeline/identity_bars');
let run: typeof import('../../src/store/run').run;
beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  series = await import('../../src/timeline/series');
  bars = await import('../../src/timeline/identity_bars');
  ({ run } = await import('../../src/store/run'));
});
beforeEach(() => (series.leftOut.value = new Set()));

const bar = (requested_bytes: number, pinned_bytes: number) => ({
  begin_ns: 0,
  end_ns: 1,
  sample_t_ns: null,
  requested_bytes,
  rounding_bytes: 10,
  pinned_bytes,
  retained_bytes: 5,
  metadata_bytes: 1,
});

test('parts lie one upon the other and end at the whole', () => {
  expect(series.layersOf(bar(100, 30), new Set())).toEqual([
    { name: 'requested', from: 0, to: 100 },
    { name: 'rounding', from: 100, to: 110 },
    { name: 'pinned', from: 110, to: 140 },
    { name: 'retained', from: 140, to: 145 },
    { name: 'metadata', from: 145, to: 146 },
  ]);
});

test('what is left out leaves no hole, and the scale is of what is drawn', () => {
  series.toggleSeries('requested');
  series.toggleSeries('rounding');
  expect(series.layersOf(bar(100, 30), series.leftOut.value)[0]).toEqual({ name: 'pinned', from: 0, to: 30 });
  expect(bars.greatestOf([bar(100, 30), bar(400, 2)], series.leftOut.value)).toBe(36);
  expect(bars.greatestOf([], new Set())).toBe(0);
  series.toggleSeries('requested');
  expect(bars.greatestOf([bar(100, 30), bar(400, 2)], series.leftOut.value)).toBe(408);
});

test('of a long run the parts are asked for by hand', () => {
  run.value = { ...run.value, events: 1000 };
  expect(series.hasParts()).toBe(true);
  run.value = { ...run.value, events: 1e8 };
  expect(series.hasParts()).toBe(false);
  series.toggleParts();
  expect(series.hasParts()).toBe(true);
});
