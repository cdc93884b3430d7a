// SPDX-License-Identifier: MIT
// The difference of two recordings' trees.
import { expect, test } from 'vitest';
import { callTree } from '../../src/draw/call_tree';
import { nothingIsLeftOut } from '../../src/draw/left_out';
import { differenceOfTrees, greatestOwn } from '../../src/draw/merge_trees';
import type { Written } from './trees';
import { flameColumns } from './trees';

const tree = (...rows: Written[]) => callTree(flameColumns([[null, null, 0], ...rows]), nothingIsLeftOut);

test('nodes meet by the names on their paths, whatever the programs are called', () => {
  const first = tree([0, 'main', 1, { module: '/old/app' }], [1, 'parse', 10], [1, 'gone', 5]);
  const second = tree([0, 'main', 4, { module: '/new/app' }], [1, 'parse', 30], [0, 'parse', 7]);
  const difference = differenceOfTrees(first, second);
  const amounts = difference.nodes.map((node) => [node.parent?.function ?? '', node.function, node.total, node.self]);
  expect(amounts).toHaveLength(5);
  expect(amounts).toEqual(
    expect.arrayContaining([
      ['', null, 25, 0],
      ['', 'main', 18, 3],
      ['main', 'parse', 20, 20],
      ['main', 'gone', -5, -5],
      ['', 'parse', 7, 7],
    ]),
  );
  expect(difference.root.children[0]?.module).toBe('/new/app');
});

test('functions without a name are told apart by their modules', () => {
  const difference = differenceOfTrees(tree([0, null, 3, { module: 'a.so' }]), tree([0, null, 3, { module: 'b.so' }]));
  expect(difference.root.children.map(({ total }) => total).sort()).toEqual([-3, 3]);
});

test('what is the same in both differs by nothing, and has no width', () => {
  const same = () => tree([0, 'main', 3, { rest: 4 }], [1, 'f', 2]);
  const { root } = differenceOfTrees(same(), same());
  expect([root.total, root.weight, root.children[0]?.rest]).toEqual([0, 0, 0]);
});

test('the greatest changes are those of functions themselves, with and without sign', () => {
  const first = tree([0, 'main', 1], [1, 'parse', 10], [1, 'gone', 50]);
  const difference = differenceOfTrees(first, tree([0, 'main', 1], [1, 'parse', 30]));
  expect(greatestOwn(difference, 5).map((node) => [node.function, node.self])).toEqual([
    ['gone', -50],
    ['parse', 20],
  ]);
  expect(greatestOwn(difference, 1)).toHaveLength(1);
});
