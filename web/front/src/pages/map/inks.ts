// SPDX-License-Identifier: MIT
// What the colours of the map mean, one way of colouring each: how full a page is, its class, its zone, how old its
// oldest block is, how much of it is selected and passes the filter.
import { KINDS, colourOf, kind, magnitude, magnitudes } from '~/draw/palette';
import type { Colour } from '~/draw/palette';
import type { Colour as Colouring } from '~/state/state';
import type { Ink, Inks } from './paint';
import { PAGE_BYTES, birthAt, holderOf, offsetOf } from './stretches';
import type { Stretch, Stretches } from './stretches';

const CLASSES = 256; // numbers that a page's byte can have
const OTHERS = kind(KINDS - 1).colour;

/** Classes with a colour of their own. */
export const COLOURED_CLASSES = KINDS - 1;

export function inksOf(style: (name: string) => string): Inks {
  const retained = colourOf(style('--retained'));
  return {
    ground: colourOf(style('--panel')),
    absent: colourOf(style('--line')),
    retained: colourOf(style('--raised')),
    retainedHatch: retained,
    metadata: colourOf(style('--metadata')),
    grey: colourOf(style('--untouched')),
  };
}

/** What ways of colouring need beside the pages; null: not asked for, or not there yet. */
export interface Beside {
  /** The classes with colours, in the order of these. */
  classes: readonly number[];
  ages: Stretches | null;
  passing: Stretches | null;
  /** Of the moment. */
  events: number;
}

/** A function that finds a page's place in an answer of so many bytes a page, the faster where pages come in order. */
function finder({ list }: Stretches, pageBytes: number): (page: number) => number {
  let last: Stretch | undefined;
  return (page) => {
    if (!last || page < last.dataBegin || page >= last.dataEnd) last = holderOf(list, page);
    return offsetOf(last, page, pageBytes);
  };
}

/** Usable bytes on a page of the blocks that pass, of an answer of StackPages. */
export function passingBytes(answer: Stretches): (page: number) => number {
  const find = finder(answer, 2);
  return (page) => {
    const at = find(page);
    return at < 0 ? 0 : answer.data.getUint16(at, true);
  };
}

export function classColour(classes: readonly number[], number: number): Colour {
  const place = classes.indexOf(number);
  return place < 0 ? OTHERS : kind(place).colour;
}

function classInk(data: DataView, classes: readonly number[]): Ink {
  const colours = Uint32Array.from({ length: CLASSES }, (_, number) => classColour(classes, number));
  return (offset) => colours[data.getUint8(offset + 4)] ?? OTHERS;
}

/** The share of the run that has gone by since a birth. */
function ageShare(birth: number | null, events: number): number {
  return birth === null || events === 0 ? 0 : Math.max(0, events - birth) / events;
}

function fillInk(data: DataView): Ink {
  return (offset) => magnitudes[((data.getUint16(offset, true) * 255) / PAGE_BYTES) | 0] ?? OTHERS;
}

export function inkOf(colour: Colouring, pages: Stretches, beside: Beside): Ink {
  const { ages, passing, events } = beside;
  if (colour === 'class') return classInk(pages.data, beside.classes);
  if (colour === 'zone') return (_offset, _page, stretch) => kind(stretch).colour;
  if (colour === 'age') return ages ? (_, page) => magnitude(ageShare(birthAt(ages, page), events)) : () => OTHERS;
  if (colour === 'stack' && passing) {
    const bytes = passingBytes(passing);
    return (_, page) => magnitude(bytes(page) / PAGE_BYTES);
  }
  return fillInk(pages.data);
}
