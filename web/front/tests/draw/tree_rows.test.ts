// SPDX-License-Identifier: MIT
// Rows of a call tree, and where keys lead.
import { expect, test } from 'vitest';
import { callTree } from '../../src/draw/call_tree';
import { nothingIsLeftOut } from '../../src/draw/left_out';
import { nextFound } from '../../src/draw/marked';
import { openedAtFirst, openedFor, seenRows, stepTree } from '../../src/draw/tree_rows';
import type { Opened } from '../../src/draw/tree_rows';
import { flameColumns } from './trees';

//  main 100: run 80 (one 60 (deep 60), two 20), idle 20
const tree = callTree(
  flameColumns([
    [null, null, 0],
    [0, 'main', 0],
    [1, 'run', 0],
    [1, 'idle', 20],
    [2, 'one', 0],
    [2, 'two', 20],
    [4, 'deep', 60],
  ]),
  nothingIsLeftOut,
);
const node = (name: string) => tree.nodes.find((each) => each.function === name) ?? tree.root;
const names = (opened: Opened) => seenRows(tree, opened).map((each) => each.function);
const none: Opened = new Set();

test('a tree begins opened where the most is', () => {
  expect(names(none)).toEqual(['main']);
  expect(names(openedAtFirst(tree))).toEqual(['main', 'run', 'one', 'deep', 'two', 'idle']);
});

test('right opens and then goes in, left closes and then goes out', () => {
  const opened = stepTree(tree, { opened: none, at: node('main') }, 'ArrowRight');
  expect([opened?.at.function, names(opened?.opened ?? none)]).toEqual(['main', ['main', 'run', 'idle']]);
  const inside = stepTree(tree, opened!, 'ArrowRight');
  expect(inside?.at.function).toBe('run');
  expect(stepTree(tree, inside!, 'ArrowLeft')?.at.function).toBe('main');
  const closed = stepTree(tree, opened!, 'ArrowLeft');
  expect(names(closed!.opened)).toEqual(['main']);
});

test('up, down, Home and End stay in the rows that are seen', () => {
  const opened = openedFor(none, node('one'));
  const go = (from: string, key: string) => stepTree(tree, { opened, at: node(from) }, key)?.at.function;
  expect(names(opened)).toEqual(['main', 'run', 'one', 'two', 'idle']);
  expect([go('main', 'ArrowUp'), go('run', 'ArrowDown'), go('idle', 'ArrowDown')]).toEqual(['main', 'one', 'idle']);
  expect([go('two', 'Home'), go('two', 'End')]).toEqual(['main', 'idle']);
});

test('E opens to the next fork and no further, * opens all', () => {
  const toFork = stepTree(tree, { opened: none, at: node('main') }, 'E');
  expect(names(toFork?.opened ?? none)).toEqual(['main', 'run', 'idle']);
  const all = stepTree(tree, { opened: none, at: node('main') }, '*');
  expect(names(all?.opened ?? none)).toHaveLength(6);
  expect(names(stepTree(tree, { opened: openedFor(none, node('run')), at: node('idle') }, '*')!.opened)).toHaveLength(
    3,
  );
  expect(names(stepTree(tree, { opened: none, at: node('main') }, '+')!.opened)).toEqual(['main', 'run', 'idle']);
  expect(names(stepTree(tree, { opened: all!.opened, at: node('main') }, '-')!.opened)).toEqual(['main']);
  expect(stepTree(tree, { opened: none, at: node('main') }, 'x')).toBeNull();
});

test('a search goes from one that is found to the next, and around', () => {
  const next = (from: string | null, by: 1 | -1) =>
    nextFound(tree, 'O', from === null ? null : node(from), by)?.function;
  expect([next(null, 1), next('one', 1), next('two', 1)]).toEqual(['one', 'two', 'one']);
  expect([next(null, -1), next('one', -1)]).toEqual(['two', 'two']);
  expect(nextFound(tree, 'nothing of that name', null, 1)).toBeNull();
});
