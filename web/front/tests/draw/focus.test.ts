// SPDX-License-Identifier: MIT
// The frame that a link names by its path.
import { expect, test } from 'vitest';
import { callTree } from '../../src/draw/call_tree';
import { focusOf, focused } from '../../src/draw/focus';
import { nothingIsLeftOut } from '../../src/draw/left_out';
import { flameColumns } from './trees';

const tree = callTree(
  flameColumns([
    [null, null, 0],
    [0, 'main', 5],
    [1, 'parse', 10],
    [2, 'grow', 40],
    [1, 'grow', 7],
    [0, 'ma', 1, { module: '/bin/in' }],
    [0, null, 1, { module: '/bin/in' }],
  ]),
  nothingIsLeftOut,
);

test('each frame has a number that leads back to it', () => {
  const numbers = tree.nodes.map(focusOf);
  expect(new Set(numbers).size).toBe(tree.nodes.length);
  expect(numbers[0]).toBe(0);
  expect(numbers.map((number) => focused(tree, number))).toEqual(tree.nodes);
  expect(focused(tree, 12345)).toBeNull();
});

test('the number is of the path alone, and stays as it is in links that were kept', () => {
  const other = callTree(
    flameColumns([
      [null, null, 0],
      [0, 'begin', 900],
      [0, 'main', 1],
      [2, 'parse', 2],
    ]),
    nothingIsLeftOut,
  );
  const parse = other.nodes[3];
  expect(parse && focused(tree, focusOf(parse))?.function).toBe('parse');
  expect(parse && focusOf(parse).toString(16)).toBe('44b74179');
});
