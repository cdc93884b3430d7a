// SPDX-License-Identifier: MIT
// Stacks in one line.
import { beforeAll, expect, test, vi } from 'vitest';

let innermost: typeof import('../../src/parts/site').innermost;
let shortStack: typeof import('../../src/parts/site').shortStack;
beforeAll(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined }));
  ({ innermost, shortStack } = await import('../../src/parts/site'));
});

const TEXT = 'grow (/src/lib/list.c:12) < main (/src/main.c:4) < __libc_start_main';

test('files are named without their folders, and frames beyond the first are dots', () => {
  expect(shortStack(3, TEXT)).toBe('grow (list.c:12) < main (main.c:4) < __libc_start_main');
  expect(shortStack(3, TEXT, 1)).toBe('grow (list.c:12) < ...');
  expect(innermost(3, TEXT)).toBe('grow (list.c:12)');
});

test('a stack without a frame says why', () => {
  expect(shortStack(null, null)).toBe('(no stack)');
  expect(shortStack(0, '')).toBe('(no stack)');
  expect(shortStack(3, '')).toBe("(in Heapreel's own library)");
});

test('who fills a container is named, not the container', () => {
  const GROW = 'std::vector<int>::_M_realloc_insert(int&&) (/usr/include/c++/12/bits/vector.tcc:440)';
  const FILL =
    'void std::_Construct<Row>(Row*) (stl_construct.h:119) < fill(Rows&) (/src/rows.cc:8) < main (/src/main.cc:4)';
  expect(innermost(3, `${GROW} < ${FILL}`)).toBe('fill(Rows&) (rows.cc:8)');
  expect(innermost(3, 'alloc::raw_vec::grow (/rustc/1a2b/library/alloc/src/raw_vec.rs:9) < load (/src/a.rs:2)')).toBe(
    'load (a.rs:2)',
  );
  expect(innermost(3, `operator new(unsigned long) (libstdc++.so.6) < ${GROW}`)).toBe(
    'std::vector<int>::_M_realloc_insert(int&&) (vector.tcc:440)',
  );
});

test('the ways to malloc are left out, unless there is nothing else', () => {
  const TREE = 'operator new(unsigned long) (libstdc++.so.6) < Tree::add(int) (tree.cc:7) < main (tree.cc:9)';
  expect(innermost(3, TREE)).toBe('Tree::add(int) (tree.cc:7)');
  expect(innermost(3, 'operator new(unsigned long) (libstdc++.so.6)')).toBe(
    'operator new(unsigned long) (libstdc++.so.6)',
  );
});
