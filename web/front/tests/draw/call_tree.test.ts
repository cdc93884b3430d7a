// SPDX-License-Identifier: MIT
// Call trees: what falls away, what is left of a total, and how wide differences are.
import { expect, test } from 'vitest';
import { callTree, followPath, pathTo } from '../../src/draw/call_tree';
import type { CallNode } from '../../src/draw/call_tree';
import { isLeftOut, nothingIsLeftOut } from '../../src/draw/left_out';
import { boxLabel, boxes } from '../../src/draw/flame_boxes';
import { concerned } from '../../src/draw/marked';
import { pathOfStack } from '../../src/draw/stack_path';
import { flameColumns } from './trees';

function written(node: CallNode): string {
  const below = node.children.map(written).join(' ');
  return `${node.function ?? '-'}=${node.total}/${node.self}${below === '' ? '' : `(${below})`}`;
}

const OWN = '/usr/lib/heapreel/libheapreel.so';

const program = flameColumns([
  [null, null, 0],
  [0, '_start', 0],
  [1, 'main', 5],
  [2, 'operator new(unsigned long)', 20, { stack: 7 }],
  [2, 'parse', 10, { stack: 8 }],
  [0, 'begin', 3, { module: OWN }],
  [4, 'xmalloc', 40, { stack: 9 }],
]);

test('frames that nobody asked for fall away, and their bytes are their callers', () => {
  const tree = callTree(program, isLeftOut);
  expect(written(tree.root)).toBe("-=78/0(main=75/25(parse=50/50) (in Heapreel's own library)=3/3)");
  expect(tree.hidden).toEqual(['_start', 'begin', 'operator new(unsigned long)', 'xmalloc']);
  expect(callTree(program, nothingIsLeftOut).nodes).toHaveLength(7);
});

test('of a caller that falls away the blocks are told that no callee has', () => {
  const begun = (rest: number) =>
    callTree(
      flameColumns([
        [null, null, 0],
        [0, 'begin', 3, { module: OWN, rest, blocks: 5 }],
        [1, 'main', 20, { blocks: 2 }],
        [1, 'parse', 10, { blocks: 1 }],
      ]),
      isLeftOut,
    ).root.children.map((node) => `${node.function} ${node.blocks}`);
  expect(begun(0)).toEqual(['main 2', 'parse 1', "(in Heapreel's own library) 2"]);
  expect(begun(7)).toContain("(in Heapreel's own library) 0");
});

test('branches that lose the frame between them become one', () => {
  const tree = callTree(
    flameColumns([
      [null, null, 0],
      [0, 'main', 0],
      [1, 'malloc', 0],
      [1, 'calloc', 0],
      [2, 'grow', 4, { stack: 1 }],
      [3, 'grow', 6, { stack: 2 }],
    ]),
    isLeftOut,
  );
  expect(written(tree.root)).toBe('-=10/0(main=10/0(grow=10/10))');
  expect(tree.nodes[2]?.stack).toBeNull();
});

test('what a node has beyond its children is a box of its own', () => {
  const tree = callTree(
    flameColumns([
      [null, null, 0],
      [0, 'main', 1, { rest: 30 }],
      [1, 'f', 9],
    ]),
    nothingIsLeftOut,
  );
  expect(tree.nodes[1]?.rest).toBe(30);
  const drawn = boxes(tree.root, 0);
  expect(drawn.map((box) => [boxLabel(box, false), box.depth, box.begin, box.width])).toEqual([
    ['all', 0, 0, 1],
    ['main', 1, 0, 1],
    ['f', 2, 0, 9 / 40],
    ['(other)', 2, 9 / 40, 30 / 40],
  ]);
  expect(boxes(tree.root, 0.5).map((box) => boxLabel(box, false))).toEqual(['all', 'main', '(other)']);
});

test('what is gone into fills the width below its callers', () => {
  const tree = callTree(program, isLeftOut);
  const parse = tree.nodes.find((node) => node.function === 'parse')!;
  const drawn = boxes(parse, 0);
  expect(drawn.slice(0, 3).map((box) => [boxLabel(box, false), box.depth, box.width])).toEqual([
    ['all', 0, 1],
    ['main', 1, 1],
    ['parse', 2, 1],
  ]);
  expect(drawn.slice(3).every(({ node }) => node.parent === parse)).toBe(true);
});

test('a difference that cancels out is as wide as what changed', () => {
  const tree = callTree(
    flameColumns([
      [null, null, 0],
      [0, 'main', 0],
      [1, 'f', 30],
      [1, 'g', -50],
    ]),
    nothingIsLeftOut,
  );
  expect(tree.nodes[1]?.weight).toBe(80);
  const drawn = boxes(tree.root, 0).slice(1);
  expect(drawn.map((box) => [boxLabel(box, true), box.width])).toEqual([
    ['− main', 1],
    ['− g', 50 / 80],
    ['+ f', 30 / 80],
  ]);
});

test('a filter leaves the callers and the callees of what it names', () => {
  const tree = callTree(program, isLeftOut);
  const names = (part: string) => tree.nodes.filter(({ id }) => concerned(tree, part)?.has(id)).map((n) => n.function);
  expect(names('PARSE')).toEqual([null, 'main', 'parse']);
  expect(names('nothing of that name')).toEqual([]);
  expect(concerned(tree, '')).toBeNull();
});

test('a stack leads to its node, whatever is left out on the way', () => {
  const tree = callTree(program, isLeftOut);
  const frames = {
    place: [0, 1, 2, 3],
    function: ['xmalloc', 'parse', 'main', '_start'],
    module: [null, null, null, null],
    is_cut: [0, 0, 0, 0],
  } as unknown as Parameters<typeof pathOfStack>[0];
  const node = followPath(tree, pathOfStack(frames, false, isLeftOut));
  expect(pathTo(node).map((each) => each.function)).toEqual(['main', 'parse']);
  expect(pathOfStack(frames, true, isLeftOut)[0]).toContain('parse');
});

test('names that look like allocators only in part are shown', () => {
  for (const name of ['malloc_printerr', 'operator newest', 'my_malloc', 'xmalloc_list', 'PyMem_Malloc'])
    expect(isLeftOut(name, null), name).toBe(false);
  for (const name of [
    'g_malloc0',
    'operator new[](unsigned long)',
    'std::__new_allocator<int>::allocate(unsigned long)',
  ])
    expect(isLeftOut(name, null), name).toBe(true);
  expect(isLeftOut('clone', '/lib/libc.so.6')).toBe(true);
  expect(isLeftOut('clone', '/usr/bin/git')).toBe(false);
});
