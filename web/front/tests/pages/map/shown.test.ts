// SPDX-License-Identifier: MIT
// Pages that keep their colours while others are grey, and what the server is asked for it.
import { describe, expect, it } from 'vitest';
import { shownPages } from '~/pages/map/shown';
import type { Wanted } from '~/pages/map/shown';
import { stretchesOf } from '~/pages/map/stretches';
import { emptyFilter } from '~/state/filter';
import { passingOf } from '~/store/passing';
import { boxed } from '../../draw/boxed';

const head = [1, 'heap', null, 0, 0, 0, 0, 0, 0, 640 * 4096, 643 * 4096, 640 * 4096, 3];
const page = (number: number) => [8, 0, 1, 0, number, 1, 0, 0];
const pages = stretchesOf(boxed([head, new Uint8Array([...page(7), ...page(9), ...page(7)])]), 8);
const answer = stretchesOf(boxed([head, new Uint8Array([0, 0, 0, 1, 5, 0])]), 2);
const nothing: Wanted = { passing: null, classes: [null, null], answer: null, isMoving: false };

function shown(more: Partial<Wanted>): boolean[] | null {
  const isShown = shownPages(pages, { ...nothing, ...more });
  const offset = pages.list[0]?.offset ?? 0;
  return isShown && [0, 1, 2].map((place) => isShown(offset + 8 * place, 640 + place));
}

describe('shownPages', () => {
  it('greys nothing where all blocks pass, or it is not known which do', () => {
    expect(shown({})).toBeNull();
    expect(shown({ passing: { function: 'parse' } })).toBeNull();
  });

  it('shows pages with a block that passes', () => {
    expect(shown({ passing: { function: 'parse' }, answer })).toEqual([false, true, true]);
    expect(shown({ passing: { class: 7 }, classes: [7, null], answer })).toEqual([false, true, true]);
  });

  it('goes by the class of one block of a page while the moment moves', () => {
    const moving = { passing: { class: 7 }, classes: [7, 7], answer, isMoving: true };
    expect(shown(moving)).toEqual([true, false, true]);
    expect(shown({ ...moving, passing: { class: 7, least: 3 } })).toEqual([false, true, true]);
  });

  it('shows none where two classes are wanted at once', () => {
    expect(shown({ passing: { class: 7 }, classes: [7, 9], answer })).toEqual([false, false, false]);
  });
});

describe('passingOf', () => {
  const selection = { class: 3, stack: null, place: null };

  it('has what is selected and what the filter says', () => {
    const filter = { class: null, leastBytes: 16, mostBytes: 64, function: 'parse' };
    expect(passingOf({ ...selection, stack: 0 }, filter, true)).toEqual({
      stack: 0,
      function: 'parse',
      class: 3,
      least: 16,
      most: 64,
    });
    expect(passingOf(selection, { ...filter, class: 9 }, true)?.class).toBe(9);
  });

  it('is nothing where all blocks pass', () => {
    expect(passingOf(selection, emptyFilter(), false)).toBeNull();
    expect(passingOf(selection, emptyFilter(), true)).toEqual({ class: 3 });
  });
});
