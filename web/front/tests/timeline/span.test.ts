// SPDX-License-Identifier: MIT
// The stretch that the timeline shows: nearer, farther, aside.
import { describe, expect, test } from 'vitest';
import {
  keptInSight,
  movedBy,
  SPAN_NS_LEAST,
  spanBetween,
  spanOf,
  zoomedAround,
  zoomOf,
} from '../../src/timeline/span';

const END = 10_000_000;

describe('span', () => {
  test('the whole run grows with it', () => {
    expect(spanOf({ beginNs: 0, endNs: null }, END)).toEqual({ beginNs: 0, endNs: END });
    expect(zoomOf({ beginNs: 0, endNs: END }, END)).toEqual({ beginNs: 0, endNs: null });
    expect(zoomOf({ beginNs: 5, endNs: END }, END)).toEqual({ beginNs: 5, endNs: END });
  });

  test('a zoom behind the end of a run shows the whole', () => {
    expect(spanOf({ beginNs: 2 * END, endNs: 3 * END }, END)).toEqual({ beginNs: 0, endNs: END });
    expect(spanOf({ beginNs: 0, endNs: null }, 0)).toEqual({ beginNs: 0, endNs: 1 });
  });

  test('the time that is zoomed around keeps its place', () => {
    const span = { beginNs: 2_000_000, endNs: 6_000_000 };
    const near = zoomedAround(span, 3_000_000, 0.5, END);
    expect(near).toEqual({ beginNs: 2_500_000, endNs: 4_500_000 });
    expect(zoomedAround(near, 3_000_000, 2, END)).toEqual(span);
  });

  test('zooming ends at the whole run and at a microsecond', () => {
    expect(zoomedAround({ beginNs: 1_000_000, endNs: 9_000_000 }, 2_000_000, 8, END)).toEqual({
      beginNs: 0,
      endNs: END,
    });
    const nearest = zoomedAround({ beginNs: 500, endNs: 1700 }, 900, 0.001, END);
    expect(nearest.endNs - nearest.beginNs).toBe(SPAN_NS_LEAST);
  });

  test('a span moves no farther than the run', () => {
    const span = { beginNs: 1_000_000, endNs: 2_000_000 };
    expect(movedBy(span, -5_000_000, END)).toEqual({ beginNs: 0, endNs: 1_000_000 });
    expect(movedBy(span, 50_000_000, END)).toEqual({ beginNs: 9_000_000, endNs: END });
  });

  test('a moment that leaves the span takes it along', () => {
    const span = { beginNs: 1_000_000, endNs: 2_000_000 };
    expect(keptInSight(span, 1_500_000, END)).toBe(span);
    expect(keptInSight(span, 5_000_000, END)).toEqual({ beginNs: 4_500_000, endNs: 5_500_000 });
  });

  test('marks in either order', () => {
    expect(spanBetween(7000, 2000, END)).toEqual({ beginNs: 2000, endNs: 7000 });
    expect(spanBetween(END, END, END)).toEqual({ beginNs: END - SPAN_NS_LEAST, endNs: END });
  });
});
