// SPDX-License-Identifier: MIT
// Numbers in the text of a state: null for what is none, or lies above 2^53.
import type { Place } from './state';

const NS_DIGITS = 9;
const PROCESS_MOST = 2 ** 32 - 1;

export function parseWhole(text: string): number | null {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : null;
}

// "1.5s" to nanoseconds.
export function parseSeconds(text: string): number | null {
  const parts = /^(\d+)(?:\.(\d{1,9}))?s$/.exec(text);
  if (parts === null) return null;
  const ns = Number(parts[1]) * 1e9 + Number((parts[2] ?? '').padEnd(NS_DIGITS, '0'));
  return Number.isSafeInteger(ns) ? ns : null;
}

// "2/0x7f00+4096", "0x7f00"
export function parsePlace(text: string): Place | null {
  const [, process = '0', hex = '', length = '1'] = /^(?:(\d+)\/)?0x([0-9A-Fa-f]+)(?:\+(\d+))?$/.exec(text) ?? [];
  const place = { process: parseWhole(process), address: Number(`0x${hex}`), bytes: parseWhole(length) };
  if (hex === '' || place.process === null || place.process > PROCESS_MOST || place.bytes === null) return null;
  if (
    place.bytes === 0 ||
    !Number.isSafeInteger(place.address) ||
    !Number.isSafeInteger(place.address + place.bytes - 1)
  )
    return null;
  return { process: place.process, address: place.address, bytes: place.bytes };
}
