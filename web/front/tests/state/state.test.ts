// SPDX-License-Identifier: MIT
// States as text: what is printed is read back the same, here and in the terminal, and what anybody may write is refused
// whole.
import { expect, test } from 'vitest';
import { stateParse, webFieldNames } from '../../src/state/parse';
import { hashOf, statePrint } from '../../src/state/print';
import { Refusal } from '../../src/state/refusal';
import { initialState, pages, pageTitles } from '../../src/state/state';
import { dice, examples, randomState, stateWith } from './examples';

const ROUNDS = 500;

function lineOf(text: string): string {
  try {
    stateParse(text);
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.message;
    throw refusal;
  }
  return `${text} was taken`;
}

test('a state reads like its documentation, and is read back', () => {
  const rows = [...examples.printed, ...examples.browser];
  expect(rows.length).toBeGreaterThan(5);
  for (const { state, text } of rows) {
    expect(statePrint(stateWith(state))).toBe(text);
    expect(stateParse(text)).toEqual(stateWith(state));
  }
});

test('what is printed is read back the same', () => {
  const throwDice = dice(11);
  for (let i = 0; i < ROUNDS; i++) {
    const state = randomState(throwDice);
    expect(stateParse(hashOf(state))).toEqual(state);
  }
});

test('moments are taken in all their forms', () => {
  for (const { text, events, kept } of examples.moments)
    expect(stateParse(text).t, text).toEqual(kept === undefined ? { events } : { text: kept });
});

test('fields that are not named stay', () => {
  for (const { texts, printed, browser } of examples.kept) {
    const state = texts.reduce((base, text) => stateParse(text, base), initialState());
    expect(statePrint(state)).toBe(browser ?? printed);
  }
});

test('what is no state is refused with a line that says what is known', () => {
  for (const { text, line, browser, needs_reel } of [...examples.refused, ...examples.refused_in_browser])
    if (needs_reel !== true) expect(lineOf(`p=map&${text}`)).toBe(browser ?? line);
});

test('a refused text leaves the state that was', () => {
  const base = stateWith({ page: 'map', search: 'x' });
  expect(() => stateParse('p=sites&s=y&v=9', base)).toThrow(Refusal);
  expect(base).toEqual(stateWith({ page: 'map', search: 'x' }));
});

test('only what the terminal reads is bounded', () => {
  expect(lineOf('a'.repeat(1024))).toBe('state: longer than 1023 bytes: copy it again');
  expect(stateParse(`q=${'a'.repeat(5000)}`).sql).toHaveLength(5000);
});

test('the terminal knows the pages and fields of the browser', () => {
  expect(pages.slice(9)).toEqual(examples.browser_pages);
  expect(webFieldNames).toEqual(examples.browser_fields);
  expect(Object.keys(pageTitles)).toEqual([...pages]);
});

test('random bytes are taken or refused but nothing else', () => {
  const throwDice = dice(3);
  for (let i = 0; i < ROUNDS; i++) {
    const text = [...statePrint(randomState(throwDice))];
    for (let changes = throwDice(6); changes > 0; changes--)
      text[throwDice(text.length)] = String.fromCharCode(throwDice(300));
    lineOf(text.join(''));
  }
});
