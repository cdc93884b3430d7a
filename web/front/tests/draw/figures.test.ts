// SPDX-License-Identifier: MIT
// Drawings come in boxes; one that is cut or lies about its size is refused.
import { describe, expect, it } from 'vitest';
import { figuresOf, numberOf } from '~/draw/figures';
import { boxed } from './boxed';

const bytesOf = (head: readonly unknown[]) => numberOf(head[0]);

describe('figuresOf', () => {
  it('finds each head and the bytes that follow it', () => {
    const answer = boxed([[2, 'heap'], new Uint8Array([7, 8])], [[0, null], new Uint8Array()]);
    const figures = figuresOf(answer, bytesOf);
    expect(figures.map((each) => each.head)).toEqual([
      [2, 'heap'],
      [0, null],
    ]);
    expect(new Uint8Array(answer, figures[0]?.offset, figures[0]?.bytes)).toEqual(new Uint8Array([7, 8]));
    expect(figuresOf(new ArrayBuffer(0), bytesOf)).toEqual([]);
  });

  it('refuses an answer that is shorter than it says', () => {
    const answer = boxed([[9], new Uint8Array([1, 2, 3])]);
    expect(() => figuresOf(answer, bytesOf)).toThrow('no drawing');
    expect(() => figuresOf(answer.slice(0, 200), bytesOf)).toThrow('no drawing');
    expect(() => figuresOf(boxed([[-8], new Uint8Array()]), bytesOf)).toThrow('no drawing');
  });
});
