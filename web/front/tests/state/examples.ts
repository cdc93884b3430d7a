// SPDX-License-Identifier: MIT
// The examples of states that both viewers are held to, and states at random.
import type { State } from '../../src/state/state';
import { colours, initialState, measures, modes, pages, shapes } from '../../src/state/state';
import { vectors } from '../vectors';

interface Refused {
  text: string;
  line: string;
  browser?: string; // where the browser knows more words
  needs_reel?: boolean; // the server refuses it
}

export const examples = vectors<{
  printed: { state: Partial<State>; text: string }[];
  browser: { state: Partial<State>; text: string; terminal: string }[];
  browser_pages: string[];
  browser_fields: string[];
  moments: { text: string; events: number; kept?: string }[];
  kept: { texts: string[]; printed: string; browser?: string }[];
  refused: Refused[];
  refused_in_browser: Refused[];
}>('state');

export function stateWith(fields: Partial<State>): State {
  return { ...initialState(), ...fields };
}

// The same numbers in every run: mulberry32.
export function dice(seed: number): (sides: number) => number {
  let a = seed;
  return (sides) => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * sides);
  };
}

type Dice = ReturnType<typeof dice>;

function pick<Item>(throwDice: Dice, items: readonly Item[]): Item {
  const item = items[throwDice(items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}

function randomText(throwDice: Dice, letters: number): string {
  return Array.from({ length: throwDice(letters) }, () => pick(throwDice, [...'aZ09 &%=#+,:ü/\\;?\n€'])).join('');
}

function randomMoment(throwDice: Dice): State['t'] {
  return throwDice(3) === 0
    ? { text: pick(throwDice, ['peak', 'worst', 'end', '12.5s', '40%', '7.s']) }
    : { events: throwDice(2 ** 53) };
}

function randomSelection(throwDice: Dice): State['selection'] {
  const place = { process: throwDice(3), address: throwDice(2 ** 52), bytes: 1 + throwDice(2 ** 40) };
  return {
    class: throwDice(2) === 0 ? null : throwDice(256),
    stack: throwDice(2) === 0 ? null : throwDice(2 ** 32),
    place: throwDice(2) === 0 ? null : place,
  };
}

// A filter that a user can have typed: no quotes in a function with blanks.
function randomFilter(throwDice: Dice): State['filter'] {
  const leastBytes = throwDice(3) * throwDice(2 ** 20);
  return {
    class: throwDice(2) === 0 ? null : throwDice(256),
    leastBytes,
    mostBytes: throwDice(2) === 0 ? 0 : leastBytes + 1 + throwDice(9999),
    function: randomText(throwDice, 21),
  };
}

export function randomState(throwDice: Dice): State {
  const beginNs = throwDice(2) * throwDice(2 ** 52);
  return {
    t: randomMoment(throwDice),
    a: throwDice(2) === 0 ? null : randomMoment(throwDice),
    b: throwDice(2) === 0 ? null : randomMoment(throwDice),
    zoom: { beginNs, endNs: throwDice(2) === 0 ? null : beginNs + 1 + throwDice(2 ** 50) },
    process: throwDice(2) * throwDice(2 ** 32),
    page: pick(throwDice, pages),
    measure: pick(throwDice, measures),
    mode: pick(throwDice, modes),
    isInverted: throwDice(2) === 1,
    hasAllFrames: throwDice(2) === 1,
    shape: pick(throwDice, shapes),
    focus: throwDice(2) * throwDice(2 ** 32),
    isFollowing: throwDice(2) === 1,
    selection: randomSelection(throwDice),
    filter: randomFilter(throwDice),
    search: randomText(throwDice, 21),
    reel: throwDice(3),
    other: throwDice(2) === 0 ? null : throwDice(3),
    colour: pick(throwDice, colours),
    columns: ['stack', 'live_bytes', 'a1'].slice(throwDice(4)),
    sort: throwDice(2) === 0 ? null : { column: 'live_blocks', isDescending: throwDice(2) === 1 },
    sql: randomText(throwDice, 300),
  };
}
