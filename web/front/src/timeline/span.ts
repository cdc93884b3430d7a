// SPDX-License-Identifier: MIT
// The stretch of time that the timeline shows, and how it gets nearer, farther and moves aside. All in nanoseconds since
// the recording began.
import type { State } from '../state/state';

export interface Span {
  beginNs: number;
  endNs: number;
}

export const SPAN_NS_LEAST = 1000;

export function spanOf(zoom: State['zoom'], endNs: number): Span {
  const span = { beginNs: zoom.beginNs, endNs: Math.min(zoom.endNs ?? endNs, endNs) };
  return span.beginNs < span.endNs ? span : { beginNs: 0, endNs: Math.max(endNs, 1) };
}

/** What a view keeps of a span; the whole one grows with the run. */
export function zoomOf(span: Span, endNs: number): State['zoom'] {
  const isWhole = span.beginNs <= 0 && span.endNs >= endNs;
  return isWhole ? { beginNs: 0, endNs: null } : { beginNs: span.beginNs, endNs: span.endNs };
}

function within(beginNs: number, widthNs: number, endNs: number): Span {
  const begin = Math.round(Math.max(0, Math.min(beginNs, endNs - widthNs)));
  return { beginNs: begin, endNs: Math.min(endNs, begin + Math.round(widthNs)) };
}

/** Scaled by a factor (below 1: nearer) around a time, which stays where it is; a time outside stands for the middle. */
export function zoomedAround(span: Span, aroundNs: number, factor: number, endNs: number): Span {
  const widthNs = span.endNs - span.beginNs;
  const wantedNs = Math.min(Math.max(widthNs * factor, SPAN_NS_LEAST), Math.max(endNs, 1));
  const isInside = aroundNs >= span.beginNs && aroundNs <= span.endNs;
  const around = isInside ? aroundNs : span.beginNs + widthNs / 2;
  return within(around - (wantedNs * (around - span.beginNs)) / widthNs, wantedNs, endNs);
}

export function movedBy(span: Span, byNs: number, endNs: number): Span {
  return within(span.beginNs + byNs, span.endNs - span.beginNs, endNs);
}

/** The span moved so that a time is in it; itself where it is. */
export function keptInSight(span: Span, tNs: number, endNs: number): Span {
  if (tNs >= span.beginNs && tNs <= span.endNs) return span;
  const widthNs = span.endNs - span.beginNs;
  return within(tNs - widthNs / 2, widthNs, endNs);
}

/** Between two times, in either order. */
export function spanBetween(oneNs: number, otherNs: number, endNs: number): Span {
  const beginNs = Math.min(oneNs, otherNs);
  return within(beginNs, Math.max(Math.abs(oneNs - otherNs), SPAN_NS_LEAST), endNs);
}
