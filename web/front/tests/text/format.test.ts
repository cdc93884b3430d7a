// SPDX-License-Identifier: MIT
// Numbers and foreign text look as in the terminal.
import { expect, test } from 'vitest';
import {
  exactBytes,
  formatBytes,
  formatCount,
  formatDelta,
  formatDeltaCount,
  formatDuration,
  formatShare,
  formatTime,
} from '../../src/text/format';
import { formatText } from '../../src/text/foreign';
import type { Written } from '../vectors';
import { amount, vectors } from '../vectors';

interface Example {
  value: Written;
  text: string;
}

const examples = vectors<{
  count: Example[];
  bytes: Example[];
  duration: Example[];
  time: Example[];
  share: { part: Written; whole: Written; text: string }[];
  text: { bytes: string; size: number; text: string }[];
  delta: { bytes: Example[]; count: Example[] };
}>('format');

function checkAll(rows: Example[], format: (value: number | bigint) => string) {
  expect(rows.length).toBeGreaterThan(3);
  for (const { value, text } of rows) expect(format(amount(value)), `${value}`).toBe(text);
}

test('counts are grouped by thousands', () => checkAll(examples.count, formatCount));
test('bytes have three digits and never 1024 of a unit', () => checkAll(examples.bytes, formatBytes));
test('durations fit their size', () => checkAll(examples.duration, formatDuration));
test('times have milliseconds', () => checkAll(examples.time, formatTime));
test('differences of bytes have a sign', () => checkAll(examples.delta.bytes, formatDelta));
test('differences of counts have a sign', () => checkAll(examples.delta.count, formatDeltaCount));

test('shares say 0 and 100 only when exact', () => {
  for (const { part, whole, text } of examples.share) expect(formatShare(amount(part), amount(whole))).toBe(text);
});

test('what is pointed at is told to the byte', () => {
  expect(exactBytes(13107200)).toBe('12.5 MiB (13 107 200 bytes)');
  expect(exactBytes(812)).toBe('812 bytes');
  expect(exactBytes(1)).toBe('1 byte');
});

test('parts of units are rounded; what is no amount, as a damaged reel may have it, prints as in the terminal', () => {
  expect(formatBytes(1535.7)).toBe('1.5 KiB');
  expect(formatCount(-1)).toBe('18 446 744 073 709 551 615');
  expect(formatBytes(-1n)).toBe('16384 PiB');
  expect([formatCount(NaN), formatBytes(Infinity)]).toEqual(['0', '0 B']);
});

function bytesOfHex(hex: string): Uint8Array {
  return new Uint8Array((hex.match(/../g) ?? []).map((byte) => parseInt(byte, 16)));
}

test('foreign text is plain, and cut between characters', () => {
  expect(examples.text.length).toBeGreaterThan(3);
  for (const { bytes, size, text } of examples.text) expect(formatText(bytesOfHex(bytes), size), bytes).toBe(text);
  expect(formatText('a\u202eb\u0000')).toBe('a\u202eb?');
});
