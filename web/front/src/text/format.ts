// SPDX-License-Identifier: MIT
// How numbers and foreign text look to people: the twin of text/format.c, held to it by the same examples. Prints the
// same on every machine, so nothing of the browser's locale is asked.

// Not negative: one that a damaged reel makes so prints as the terminal prints it. A number is taken to its nearest
// whole; a bigint is for what lies above 2^53.
export type Amount = number | bigint;

function whole(amount: Amount): bigint {
  if (typeof amount === 'bigint') return BigInt.asUintN(64, amount);
  return Number.isFinite(amount) ? BigInt.asUintN(64, BigInt(Math.round(amount))) : 0n;
}

// 18812345 -> "18 812 345"
export function formatCount(count: Amount): string {
  return whole(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
}

function divideRounded(value: bigint, part: bigint): bigint {
  return value / part + (value % part >= part - part / 2n ? 1n : 0n);
}

interface Scale {
  value: bigint;
  unit: string;
}

function withDecimals(value: bigint, decimals: number): string {
  const digits = value.toString().padStart(decimals + 1, '0');
  return `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

// With as many decimals as three digits leave room for, at most maxDecimals. Null if it rounds up to `limit` of the
// unit: the next unit says it better.
function printScaled(value: bigint, scale: Scale, limit: bigint | null, maxDecimals: 1 | 2): string | null {
  // Each rounded from the value itself: rounding twice would turn 12.345 into 12.4.
  const hundredths = divideRounded(value * 100n, scale.value);
  const tenths = divideRounded(value * 10n, scale.value);
  const units = divideRounded(value, scale.value);
  if (maxDecimals === 2 && hundredths < 1000n) return `${withDecimals(hundredths, 2)} ${scale.unit}`;
  if (tenths < 1000n) return `${withDecimals(tenths, 1)} ${scale.unit}`;
  return limit === null || units < limit ? `${units} ${scale.unit}` : null;
}

const byteScales: readonly Scale[] = ['KiB', 'MiB', 'GiB', 'TiB', 'PiB'].map((unit, i) => ({
  value: 1n << BigInt(10 * (i + 1)),
  unit,
}));

// In the first of the scales that is not too small for the value, at the latest in the last.
function printInScales(value: bigint, scales: readonly Scale[], limit: bigint | null, maxDecimals: 1 | 2): string {
  for (const [i, scale] of scales.entries()) {
    const next = scales[i + 1];
    if (next !== undefined && value >= next.value) continue;
    const text = printScaled(value, scale, next === undefined ? null : limit, maxDecimals);
    if (text !== null) return text;
  }
  throw new RangeError(`${value}: no scale for it`);
}

// IEC units, three digits: "812 B", "1.5 KiB", "12.5 MiB", "340 MiB"
export function formatBytes(bytes: Amount): string {
  const value = whole(bytes);
  return value < 1024n ? `${value} B` : printInScales(value, byteScales, 1024n, 1);
}

// For what is pointed at: "12.5 MiB (13 107 200 bytes)"
export function exactBytes(bytes: Amount): string {
  const value = whole(bytes);
  const exact = `${formatCount(value)} byte${value === 1n ? '' : 's'}`;
  return value < 1024n ? exact : `${formatBytes(value)} (${exact})`;
}

const timeScales: readonly Scale[] = [
  { value: 1_000n, unit: 'us' },
  { value: 1_000_000n, unit: 'ms' },
  { value: 1_000_000_000n, unit: 's' },
];

function twoDigits(value: bigint): string {
  return value.toString().padStart(2, '0');
}

// "0 s", "812 ns", "4.56 ms", "12.5 s", "3 min 05 s", "2 h 07 min"
export function formatDuration(ns: Amount): string {
  const value = whole(ns);
  const seconds = divideRounded(value, 1_000_000_000n);
  const minutes = divideRounded(seconds, 60n);
  if (value === 0n) return '0 s';
  if (value < 1000n) return `${value} ns`;
  if (seconds >= 3600n) return `${minutes / 60n} h ${twoDigits(minutes % 60n)} min`;
  if (seconds >= 60n) return `${seconds / 60n} min ${twoDigits(seconds % 60n)} s`;
  return printInScales(value, timeScales, 1000n, 2);
}

// A position in time, to the millisecond: "12.345 s"
export function formatTime(ns: Amount): string {
  return `${withDecimals(divideRounded(whole(ns), 1_000_000n), 3)} s`;
}

// part of all: "33.3 %", "0 %", "100 %"; "-" of nothing; never 0 or 100 when it is not exactly that
export function formatShare(part: Amount, all: Amount): string {
  const [some, every] = [whole(part), whole(all)];
  if (every === 0n) return '-';
  if (some === 0n) return '0 %';
  if (some === every) return '100 %';
  // Exact for less than 2^53: the sizes of a heap.
  const rounded = Math.floor((Number(some) * 1000) / Number(every) + 0.5);
  const permille = rounded === 0 ? 1 : rounded === 1000 && some < every ? 999 : rounded;
  return `${withDecimals(BigInt(permille), 1)} %`;
}

function formatSigned(amount: Amount, format: (amount: Amount) => string): string {
  if (amount < 0) return `-${format(-amount)}`;
  return amount > 0 ? `+${format(amount)}` : format(0);
}

// A change, with its sign: "+3.1 MiB", "-2.0 KiB", "0 B"
export function formatDelta(bytes: Amount): string {
  return formatSigned(bytes, formatBytes);
}

// The same of a number: "+1 024"
export function formatDeltaCount(count: Amount): string {
  return formatSigned(count, formatCount);
}
