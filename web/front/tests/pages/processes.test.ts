// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { asTree } from '../../src/pages/processes/tree';

const process = (number: number, parent: number | null) => ({ process: number, parent_process: parent });
const shape = (rows: ReturnType<typeof process>[]) =>
  asTree(rows).map((branch) => [branch.process.process, branch.depth]);

test('children stand below their parents, in the order of their beginning', () => {
  const rows = [process(1, null), process(2, 1), process(3, 1), process(4, 2), process(5, null)];
  expect(shape(rows)).toEqual([
    [1, 0],
    [2, 1],
    [4, 2],
    [3, 1],
    [5, 0],
  ]);
});

test('a parent that is missing or comes later makes a root, and nothing is shown twice', () => {
  expect(shape([process(1, 9), process(2, 3), process(3, 2), process(4, 4)])).toEqual([
    [1, 0],
    [2, 0],
    [3, 1],
    [4, 0],
  ]);
});

test('none', () => expect(asTree([])).toEqual([]));
