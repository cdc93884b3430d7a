// SPDX-License-Identifier: MIT
// Times as moments and back, and what somebody writes to be taken there.
import { describe, expect, test } from 'vitest';
import { momentParse } from '../../src/state/moment';
import { destinationOf } from '../../src/timeline/goto';
import { isPast, momentAt, timeOf } from '../../src/timeline/moment_time';

const run = { endNs: 12_500_000_000, events: 1000, peak: { events: 400, tNs: 5_000_000_001 }, worst: null };

describe('times of moments', () => {
  test.each([0, 1, 999_999_999, 1_000_000_000, 12_345_678_901])('%i ns is a moment and comes back', (ns) => {
    const moment = momentAt(ns);
    expect(timeOf(moment, run)).toBe(ns);
    expect(momentParse('text' in moment ? moment.text : '')).toEqual(moment);
  });

  test.each([
    ['40%', 5_000_000_000],
    ['end', 12_500_000_000],
    ['peak', 5_000_000_001],
    ['worst', null],
    ['1.5s', 1_500_000_000],
    ['2s', 2_000_000_000],
  ])('%s', (text, ns) => expect(timeOf({ text }, run)).toBe(ns));

  test('of an event only the reel knows it, but for the first and the last', () => {
    expect(timeOf({ events: 0 }, run)).toBe(0);
    expect(timeOf({ events: 1000 }, run)).toBe(run.endNs);
    expect(timeOf({ events: 10 }, run)).toBeNull();
  });
});

test.each([
  ['0', true],
  ['1000', true],
  ['1001', false],
  ['12.4s', true],
  ['12.5s', false],
  ['peak', false],
  ['worst', false],
  ['end', false],
  ['40%', false],
])('whether a recording has passed %s for good', (moment, is) => expect(isPast(moment, run)).toBe(is));

describe('going somewhere', () => {
  const marks = { a: { events: 7 }, b: null };
  test.each([
    ['#1000', { moment: { events: 1001 } }],
    [' 12.5s ', { moment: { text: '12.5s' } }],
    ['a', { moment: { events: 7 } }],
    ['0x7f00', { place: { process: 0, address: 0x7f00, bytes: 1 } }],
    ['2/0X7f00', { place: { process: 2, address: 0x7f00, bytes: 1 } }],
  ])('%s', (text, found) => expect(destinationOf(text, marks)).toEqual(found));

  test.each(['', 'B', '0xzz', '101%', 'yesterday'])('refuses %j in one line', (text) => {
    expect(() => destinationOf(text, marks)).toThrow(/^[^\n]+$/);
  });
});
