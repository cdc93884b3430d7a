// SPDX-License-Identifier: MIT
// Filters as a user types them are those of the terminal.
import { expect, test } from 'vitest';
import { emptyFilter, type Filter, filterIsEmpty, filterParse, filterPrint } from '../../src/state/filter';
import { stateParse } from '../../src/state/parse';
import { Refusal } from '../../src/state/refusal';
import { initialState } from '../../src/state/state';
import type { ClassSize } from '../../src/text/class_size';
import { vectors } from '../vectors';

interface Examples {
  classes: ClassSize[];
  words: { typed: string; printed: string; filter: Filter }[];
  refused: { typed: string; line: string }[];
}

const examples = vectors<{ ranges: Examples; told: Examples; none: Examples }>('filter');

for (const [name, { classes, words, refused }] of Object.entries(examples)) {
  test(`with classes of ${name}: what is typed is printed and read back`, () => {
    expect(words.length).toBeGreaterThan(0);
    for (const { typed, printed, filter } of words) {
      expect(filterParse(typed, classes), typed).toEqual(filter);
      expect(filterPrint(filter, classes)).toBe(printed);
      expect(filterParse(printed, classes)).toEqual(filter);
    }
  });

  test(`with classes of ${name}: bad words are refused with what is known`, () => {
    for (const { typed, line } of refused) {
      expect(() => filterParse(typed, classes)).toThrow(Refusal);
      expect(() => filterParse(typed, classes)).toThrow(new Refusal(line));
    }
  });
}

test('a link names a class where the classes are known', () => {
  expect(stateParse('f=class:48', initialState(), examples.ranges.classes).filter.class).toBe(3);
  expect(() => stateParse('f=class:48')).toThrow(Refusal);
});

test('an empty filter is empty', () => {
  expect(filterIsEmpty(emptyFilter())).toBe(true);
  for (const part of [{ class: 0 }, { leastBytes: 1 }, { mostBytes: 1 }, { function: 'f' }])
    expect(filterIsEmpty({ ...emptyFilter(), ...part })).toBe(false);
});
