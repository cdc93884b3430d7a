// SPDX-License-Identifier: MIT
// A state from text that anybody may have written: a link. Takes all of it or nothing. The twin of
// viewer/state/state_parse.c, with the fields that only the browser has.
import type { ClassSize } from '../text/class_size';
import { bytesOf, formatText } from '../text/foreign';
import { CLASS_NUMBERS, filterParse, SEARCH_BYTES } from './filter';
import { momentParse, QUOTED_BYTES } from './moment';
import { parsePlace, parseSeconds, parseWhole } from './numbers';
import { Refusal } from './refusal';
import type { Selection, State } from './state';
import { colours, initialState, measures, modes, pages, shapes } from './state';
import type { Field } from './upgrade';
import { upgraded } from './upgrade';

const TEXT_BYTES = 1024; // of the fields that the terminal reads there are fewer
const PROCESS_MOST = 2 ** 32 - 1;
const STACK_MOST = 2 ** 32 - 1;

interface Reading {
  name: string;
  value: string; // decoded
  classes: readonly ClassSize[];
}

// What a field changes in the state.
type Taker = (reading: Reading) => Partial<State>;

// --- complaints

function refuse(name: string, value: string | Uint8Array, known: string): never {
  throw new Refusal(`state: ${name}=${formatText(value, QUOTED_BYTES)}: write ${known}`);
}

function oneOf<Word extends string>(reading: Reading, words: readonly Word[]): Word {
  return (
    words.find((word) => word === reading.value) ?? refuse(reading.name, reading.value, `one of ${words.join(', ')}`)
  );
}

// --- fields

function takeMark(name: 'a' | 'b'): Taker {
  return ({ value }) => ({ [name]: value === '' ? null : momentParse(value) });
}

function takeSwitch(name: 'isInverted' | 'hasAllFrames' | 'isFollowing'): Taker {
  return (reading) => {
    if (reading.value !== '0' && reading.value !== '1') refuse(reading.name, reading.value, '0 or 1');
    return { [name]: reading.value === '1' };
  };
}

function takeZoom(reading: Reading): Partial<State> {
  const at = reading.value.indexOf('..');
  const [begin, end] = [reading.value.slice(0, Math.max(at, 0)), reading.value.slice(at + 2)];
  const beginNs = parseSeconds(begin);
  const endNs = end === 'end' ? null : parseSeconds(end);
  const isRight = at >= 0 && beginNs !== null && (end === 'end' || (endNs !== null && beginNs < endNs));
  return isRight
    ? { zoom: { beginNs, endNs } }
    : refuse(reading.name, reading.value, 'two times, as 1.5s..12s or 1.5s..end');
}

function takeFocus(reading: Reading): Partial<State> {
  if (reading.value !== '' && !/^[0-9A-Fa-f]{8}$/.test(reading.value))
    refuse(reading.name, reading.value, 'eight hexadecimal digits, or nothing');
  return { focus: Number(`0x0${reading.value}`) };
}

// Null: it is none.
function selected(part: string): Partial<Selection> | null {
  const [, kind, rest = ''] = /^(class|stack|at):(.*)$/s.exec(part) ?? [];
  const [number, place] = [parseWhole(rest), parsePlace(rest)];
  if (kind === 'at') return place === null ? null : { place };
  if (number === null || number > (kind === 'class' ? CLASS_NUMBERS - 1 : STACK_MOST)) return null;
  return kind === 'class' ? { class: number } : { stack: number };
}

function takeSelection(reading: Reading): Partial<State> {
  const selection: Selection = { class: null, stack: null, place: null };
  for (const part of reading.value.split(',').filter((each) => each !== ''))
    Object.assign(
      selection,
      selected(part) ?? refuse(reading.name, reading.value, 'some of class:12,stack:345,at:0x7f001000+4096'),
    );
  return { selection };
}

function takeSearch(reading: Reading): Partial<State> {
  return bytesOf(reading.value).length < SEARCH_BYTES
    ? { search: reading.value }
    : refuse(reading.name, reading.value, 'a shorter part of a name');
}

function number(reading: Reading, most: number, known: string): number {
  const value = parseWhole(reading.value);
  return value !== null && value <= most ? value : refuse(reading.name, reading.value, known);
}

const REEL_KNOWN = 'the number of a reel, from 0';
const COLUMN = /^[a-z][a-z0-9_]*$/;

function takeColumns(reading: Reading): Partial<State> {
  const columns = reading.value === '' ? [] : reading.value.split(',');
  return columns.every((column) => COLUMN.test(column))
    ? { columns }
    : refuse(reading.name, reading.value, 'names of columns, as live_bytes,live_blocks');
}

function takeSort(reading: Reading): Partial<State> {
  const isDescending = reading.value.startsWith('-');
  const column = reading.value.slice(isDescending ? 1 : 0);
  if (reading.value === '') return { sort: null };
  return COLUMN.test(column)
    ? { sort: { column, isDescending } }
    : refuse(reading.name, reading.value, 'the name of a column, as live_bytes, or -live_bytes for the greatest first');
}

// In the order in which they are told to who wrote another one; v is known to all.
const terminalFields: Readonly<Record<string, Taker>> = {
  t: ({ value }) => ({ t: momentParse(value) }),
  a: takeMark('a'),
  b: takeMark('b'),
  p: (reading) => ({ page: oneOf(reading, pages) }),
  m: (reading) => ({ measure: oneOf(reading, measures) }),
  mode: (reading) => ({ mode: oneOf(reading, modes) }),
  process: (reading) => ({ process: number(reading, PROCESS_MOST, 'the number of a process, 0 for all') }),
  z: takeZoom,
  invert: takeSwitch('isInverted'),
  allframes: takeSwitch('hasAllFrames'),
  shape: (reading) => ({ shape: oneOf(reading, shapes) }),
  focus: takeFocus,
  follow: takeSwitch('isFollowing'),
  sel: takeSelection,
  f: ({ value, classes }) => ({ filter: filterParse(value, classes) }),
  s: takeSearch,
};
// The terminal skips these; its list of them is in viewer/state.
const webFields: Readonly<Record<string, Taker>> = {
  reel: (reading) => ({ reel: number(reading, Infinity, REEL_KNOWN) }),
  other: (reading) => ({ other: reading.value === '' ? null : number(reading, Infinity, REEL_KNOWN) }),
  colour: (reading) => ({ colour: oneOf(reading, colours) }),
  columns: takeColumns,
  sort: takeSort,
  q: ({ value }) => ({ sql: value }),
};
export const webFieldNames: readonly string[] = Object.keys(webFields);
const fields: Readonly<Record<string, Taker>> = { ...terminalFields, ...webFields };

// --- the whole

// %20 to a blank; a % before anything else is itself, as in 40%.
function bytesOfCoded(value: string): Uint8Array {
  const parts = value.match(/%[0-9A-Fa-f]{2}|[^%]+|%/gs) ?? [];
  const isCoded = (part: string) => part.length === 3 && part.startsWith('%');
  return new Uint8Array(parts.flatMap((part) => (isCoded(part) ? parseInt(part.slice(1), 16) : [...bytesOf(part)])));
}

function decode(name: string, value: string): string {
  const bytes = bytesOfCoded(value);
  const end = bytes.indexOf(0);
  if (end >= 0) refuse(name, bytes.subarray(0, end), 'no %00');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse(name, bytes, 'text in UTF-8');
  }
}

function take([name, value]: Field, classes: readonly ClassSize[]): Partial<State> {
  const taker = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (taker !== undefined) return taker({ name, value: decode(name, value), classes });
  return refuse('field', name, `one of ${['v', ...Object.keys(fields)].join(', ')}`);
}

function fieldsOf(text: string): Field[] {
  const parts = text.replace(/^#/, '').split('&');
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)];
    });
}

// Takes what statePrint gives, also after the # of an address, and moments in all their forms; fields that it does not name stay as they are in `base`.
// A class is named only where the reel's classes are given. Throws a Refusal, with a line that says what is known.
export function stateParse(text: string, base: State = initialState(), classes: readonly ClassSize[] = []): State {
  const found = fieldsOf(text);
  const ofTheTerminal = found.filter(([name]) => !Object.hasOwn(webFields, name));
  if (bytesOf(ofTheTerminal.map((field) => field.join('=')).join('&')).length >= TEXT_BYTES)
    throw new Refusal(`state: longer than ${TEXT_BYTES - 1} bytes: copy it again`);
  return upgraded(found).reduce<State>((state, field) => ({ ...state, ...take(field, classes) }), base);
}
