// SPDX-License-Identifier: MIT
// The keys in the browser are those of the terminal's table, and each is pressed as it is named.
import { matchKeyBindingPress, parseKeybinding } from 'tinykeys';
import { keys } from 'virtual:keys';
import { expect, test } from 'vitest';
import { readKeys } from '../../key_table.ts';
import { patterns } from '../../src/keys/patterns';
import { pages } from '../../src/state/state';

function keysOf(action: string): readonly string[] | undefined {
  return keys.find((row) => row.action === action)?.keys;
}

// Whether a pattern is met by a key, with the modifiers that are held.
function isPressed(pattern: string, key: string, code: string, held: readonly string[] = []): boolean {
  const event = { key, code, getModifierState: (modifier: string) => held.includes(modifier) };
  const [press] = parseKeybinding(pattern);
  return press !== undefined && matchKeyBindingPress(event as unknown as KeyboardEvent, press);
}

test('the table is that of the terminal, with what only the browser has', () => {
  expect(keys.length).toBeGreaterThan(60);
  expect(keysOf('PEAK')).toEqual(['P']);
  expect(keysOf('FILTER')).toEqual(['\\', 'F4']);
  expect(keysOf('PALETTE')).toEqual(['C-k', 'p']);
  expect(keysOf('QUIT')).toBeUndefined();
  expect(keysOf('WEB')).toBeUndefined();
  expect(keys.find((row) => row.action === 'SEARCH')).toMatchObject({
    scope: 'global',
    label: 'Search',
    pages: ['overview', 'stacks', 'sites', 'blocks', 'findings', 'processes'],
  });
});

test('every page has its key', () => {
  for (const page of pages) expect(keysOf(`PAGE_${page.toUpperCase()}`), page).toHaveLength(1);
});

test('what browsers do themselves is left to them', () => {
  expect(keysOf('HELP')).toEqual(['?', 'h']);
  expect(keysOf('SEARCH')).toEqual(['/']);
  expect(keys.flatMap((row) => row.keys).filter((key) => /^(F1|F3|F6|F10|Tab|S-Tab|C-l|C-c)$/.test(key))).toEqual([]);
});

test('every key has a pattern, and no two have the same', () => {
  const all = keys.flatMap((row) => row.keys).flatMap(patterns);
  expect(all.length).toBeGreaterThan(keys.length);
  expect(new Set(all).size).toBe(all.length);
  for (const pattern of all) expect(parseKeybinding(pattern), pattern).toHaveLength(1);
});

test('names become patterns', () => {
  expect(patterns('g')).toEqual(['g']);
  expect(patterns('G')).toEqual(['Shift+G']);
  expect(patterns('C-Left')).toEqual(['Control+ArrowLeft']);
  expect(patterns('S-Right')).toEqual(['Shift+ArrowRight']);
  expect(patterns('C-k')).toEqual(['$mod+k']);
  expect(patterns('PgDn')).toEqual(['PageDown']);
  expect(patterns('F4')).toEqual(['F4']);
  for (const wrong of ['', 'F13', 'enter', 'C-K', 'ab', 'X-a'])
    expect(() => patterns(wrong), wrong).toThrow(RangeError);
});

function isAny(name: string, key: string, code: string, held: readonly string[] = []): boolean {
  return patterns(name).some((pattern) => isPressed(pattern, key, code, held));
}

test('patterns are met by their keys, on any keyboard', () => {
  expect(isAny('G', 'G', 'KeyG', ['Shift'])).toBe(true);
  expect(isAny('G', 'g', 'KeyG')).toBe(false);
  expect(isAny('g', 'G', 'KeyG', ['Shift'])).toBe(false);
  expect(isAny('Space', ' ', 'Space')).toBe(true);
  expect(isAny('+', '+', 'Equal', ['Shift'])).toBe(true);
  expect(isAny('+', '+', 'BracketRight')).toBe(true);
  expect(isAny('*', '*', 'Digit8', ['Shift'])).toBe(true);
  expect(isAny('{', '{', 'Digit7', ['Control', 'Alt'])).toBe(true);
  expect(isAny('\\', '\\', 'Backslash')).toBe(true);
  expect(isAny('1', '1', 'Digit1', ['Shift'])).toBe(true);
  expect(isAny('1', '!', 'Digit1', ['Shift'])).toBe(false);
  expect(isAny('k', 'k', 'KeyK', ['Control'])).toBe(false);
  expect(isAny('Left', 'ArrowLeft', 'ArrowLeft', ['Shift'])).toBe(false);
});

test('a line that is no row is not passed over', () => {
  const row = 'WEB_KEY(LINK, "o", "", "Says \\"hello\\"", GLOBAL, 0, "")';
  expect(readKeys(`// said\n#define X\n${row}\n`)).toMatchObject([{ action: 'LINK', help: 'Says "hello"' }]);
  expect(() => readKeys('KEY(LINK, "o", "", 7)')).toThrow('no row of a key');
  expect(() => readKeys('KEY(LINK, "o", "", "", GLOBAL, 1, "4")')).toThrow('opens no page');
});
