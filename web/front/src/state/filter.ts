// SPDX-License-Identifier: MIT
// The filter as a user types it, and back: the twin of viewer/state/filter.c. Does not filter: the server does.
import type { ClassSize } from '../text/class_size';
import { classSize } from '../text/class_size';
import { bytesOf, formatText } from '../text/foreign';
import { Refusal } from './refusal';

export const CLASS_NUMBERS = 256; // numbers of classes are below it
export const SEARCH_BYTES = 64; // what somebody searches for has fewer

// What passes is shown, the rest is grey or left out. An empty filter lets all pass.
export interface Filter {
  class: number | null;
  leastBytes: number; // requested
  mostBytes: number; // 0 = no bound
  function: string; // a part of the name of a function in the stack; "" = any
}

export function emptyFilter(): Filter {
  return { class: null, leastBytes: 0, mostBytes: 0, function: '' };
}

export function filterIsEmpty(filter: Filter): boolean {
  return filter.class === null && filter.leastBytes === 0 && filter.mostBytes === 0 && filter.function === '';
}

interface Word {
  text: string; // as it stands there, for complaints
  key: string;
  value: string;
}

const WORD_BYTES = 128;

function refuse(word: Word, known: string): never {
  const cut = bytesOf(word.text).subarray(0, WORD_BYTES - 1);
  throw new Refusal(`${formatText(cut, WORD_BYTES)}: ${known}`);
}

// --- classes

function withoutBlanks(text: string): string {
  return text.replaceAll(' ', '');
}

function nameOf(size: ClassSize): string {
  return withoutBlanks(classSize(size));
}

function sizeAndRest(text: string): { bytes: number; rest: string } | null {
  const parts = /^(\d+)([kmg]?)(.*)$/is.exec(text);
  if (parts === null) return null;
  const [, digits = '', unit = '', rest = ''] = parts;
  const bytes = Number(digits) * 1024 ** (unit === '' ? 0 : 'kmg'.indexOf(unit.toLowerCase()) + 1);
  return Number.isSafeInteger(bytes) && Number.isSafeInteger(Number(digits)) ? { bytes, rest } : null;
}

// "64", "1k"
function sizeOf(text: string): number | null {
  const size = sizeAndRest(text);
  return size !== null && size.rest === '' ? size.bytes : null;
}

// The class whose blocks have that usable size; one of slots that are not aligned, where there are two.
function ofSize(classes: readonly ClassSize[], text: string): ClassSize | undefined {
  const bytes = sizeOf(text);
  if (bytes === null) return undefined;
  const holds = (size: ClassSize) =>
    size.class_number !== 0 && bytes >= size.least_bytes && bytes <= (size.greatest_bytes ?? Infinity);
  const found = classes.filter(holds).sort((left, right) => left.class_number - right.class_number);
  return found.filter((size) => !size.is_aligned).at(-1) ?? found[0];
}

function takeClass(word: Word, classes: readonly ClassSize[]): number {
  const value = withoutBlanks(word.value);
  const digits = /^#(\d{1,3})$/.exec(value)?.[1];
  const named = classes.find((size) => nameOf(size).toLowerCase() === value.toLowerCase());
  const number = digits !== undefined ? Number(digits) : (named ?? ofSize(classes, value))?.class_number;
  return number !== undefined && number < CLASS_NUMBERS
    ? number
    : refuse(word, 'no class; write its name or a size in it (class:48, class:large)');
}

// --- sizes

// "64", "64-1k", "<64", "<=64", ">4k", ">=4k". A bound of nothing at all is none.
function parseSizes(text: string): { leastBytes: number; mostBytes: number } | null {
  const sign = /^(?:[<>]=?)?/.exec(text)?.[0] ?? '';
  const first = sizeAndRest(text.slice(sign.length));
  if (first === null) return null;
  const second = sign === '' && first.rest.startsWith('-') ? sizeOf(first.rest.slice(1)) : first.bytes;
  const isWhole = first.rest === '' || (sign === '' && first.rest.startsWith('-'));
  if (!isWhole || second === null || second < first.bytes) return null;
  const leastBytes = sign.startsWith('<') ? 0 : first.bytes + (sign === '>' ? 1 : 0);
  const mostBytes = sign.startsWith('>') ? 0 : second - (sign === '<' && second !== 0 ? 1 : 0);
  const isBound = sign.startsWith('>') ? leastBytes !== 0 && Number.isSafeInteger(leastBytes) : mostBytes !== 0;
  return isBound ? { leastBytes, mostBytes } : null;
}

function printSize(bytes: number): string {
  let unit = 0;
  let rest = bytes;
  for (; unit < 3 && rest !== 0 && rest % 1024 === 0; unit++) rest /= 1024;
  return `${rest}${['', 'k', 'm', 'g'][unit] ?? ''}`;
}

function printSizes(filter: Filter): string {
  const [least, most] = [printSize(filter.leastBytes), printSize(filter.mostBytes)];
  if (filter.mostBytes === 0) return `size:>=${least}`;
  if (filter.leastBytes === 0) return `size:<=${most}`;
  return filter.leastBytes === filter.mostBytes ? `size:${least}` : `size:${least}-${most}`;
}

// --- words

// The words of a text, whose values may stand in quotes.
function* wordsOf(text: string): Generator<Word> {
  const pattern = / *(([^ :]*)(?::(?:"([^"]*)"|([^ ]*)))?)/gy;
  for (let found = pattern.exec(text); found !== null && found[1] !== ''; found = pattern.exec(text)) {
    const [, whole = '', key = '', quoted, plain = ''] = found;
    yield { text: whole, key, value: quoted ?? plain };
  }
}

function takeFunction(word: Word): string {
  return word.value !== '' && bytesOf(word.value).length < SEARCH_BYTES
    ? word.value
    : refuse(word, "write a part of a function's name, as fn:parse");
}

// "class:48 size:64-1k fn:parse". A class is named as classSize does, by a usable size in it, or by its number as
// class:#12: without the reel's classes only that. What is not named passes. Throws a Refusal.
export function filterParse(text: string, classes: readonly ClassSize[] = []): Filter {
  const filter = emptyFilter();
  for (const word of wordsOf(text)) {
    if (word.key === 'class') filter.class = takeClass(word, classes);
    else if (word.key === 'fn') filter.function = takeFunction(word);
    else if (word.key === 'size')
      Object.assign(
        filter,
        parseSizes(word.value) ?? refuse(word, 'no sizes from 1 on; write size:64, size:64-1k, size:>=4k or size:<64'),
      );
    else refuse(word, 'no filter; known are class:48 size:64-1k fn:parse process:2');
  }
  return filter;
}

function printClass(number: number, classes: readonly ClassSize[]): string {
  const size = classes.find((each) => each.class_number === number);
  const isNamed = size !== undefined && classes.find((each) => nameOf(each) === nameOf(size)) === size;
  return `class:${isNamed ? nameOf(size) : `#${number}`}`;
}

export function filterPrint(filter: Filter, classes: readonly ClassSize[] = []): string {
  const quote = filter.function.includes(' ') ? '"' : '';
  const words = [
    filter.class === null ? '' : printClass(filter.class, classes),
    filter.leastBytes === 0 && filter.mostBytes === 0 ? '' : printSizes(filter),
    filter.function === '' ? '' : `fn:${quote}${filter.function}${quote}`,
  ];
  return words.filter((word) => word !== '').join(' ');
}
