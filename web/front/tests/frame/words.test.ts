// SPDX-License-Identifier: MIT
// What the frame writes and reads: filters in one line, commands for a shell, losses in a badge, names in the palette.
import { describe, expect, test } from 'vitest';
import { commandOf, quoted } from '../../src/frame/command';
import { filterText, parseFilterText } from '../../src/frame/filter_text';
import { found } from '../../src/frame/find';
import { lossesText } from '../../src/frame/losses_text';
import { emptyFilter } from '../../src/state/filter';

describe('the filter in one line', () => {
  test('holds the process and comes back', () => {
    const state = { filter: { ...emptyFilter(), class: 12, leastBytes: 64, function: 'parse it' }, process: 2 };
    const text = filterText(state, []);
    expect(text).toBe('class:#12 size:>=64 fn:"parse it" process:2');
    expect(parseFilterText(text, [])).toEqual(state);
  });

  test('an empty one lets all pass', () => {
    expect(parseFilterText('  ', [])).toEqual({ filter: emptyFilter(), process: 0 });
  });

  test.each(['process:x', 'process:-1', 'process:4294967296', 'process:', 'nonsense'])('refuses %s', (text) => {
    expect(() => parseFilterText(text, [])).toThrow(/write|known/);
  });
});

describe('the command for the terminal', () => {
  test.each([
    ['a.reel', 'a.reel'],
    ['my file.reel', "'my file.reel'"],
    ["it's.reel", "'it'\\''s.reel'"],
    ['$(rm).reel', "'$(rm).reel'"],
  ])('%s is one word', (name, word) => expect(quoted(name)).toBe(word));

  test('no name is taken for an option', () => {
    expect(commandOf('-x.reel', 'v=1&t=#5')).toBe("heapreel view ./-x.reel --state 'v=1&t=#5'");
  });
});

describe('losses', () => {
  test('that the recording goes on is none', () => {
    expect(lossesText([{ kind: 'recording not finished', loss_count: 1 }])).toBe('');
  });

  test('the first is told, the others are mentioned', () => {
    const losses = [
      { kind: 'lost events', loss_count: 1234 },
      { kind: 'wrong stacks', loss_count: 2 },
    ];
    expect(lossesText(losses.slice(0, 1))).toBe('1 234 lost events');
    expect(lossesText(losses)).toBe('1 234 lost events and more');
  });
});

describe('the palette', () => {
  const entry = (title: string, kind = 'do', words = '') => ({ title, kind, words, hint: '', act: () => undefined });
  const all = [entry('Goes to the peak'), entry('Peak', 'moment'), entry('main (a.c:1)', 'stack', 'parse < main')];

  test('what begins with the text comes first', () => {
    expect(found(all, 'peak', 9).map(({ kind }) => kind)).toEqual(['moment', 'do']);
  });

  test('all words have to be there, in any place', () => {
    expect(found(all, 'PEAK goes', 9)).toHaveLength(1);
    expect(found(all, 'stack parse', 9)).toHaveLength(1);
    expect(found(all, 'peak nothing', 9)).toHaveLength(0);
  });

  test('no more than are wanted', () => expect(found(all, '', 2)).toHaveLength(2));
});
