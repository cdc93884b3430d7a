// SPDX-License-Identifier: MIT
// The server's answers for drawings: one after the other, each some JSON in a box of blanks and the bytes that belong to
// it. Reads the boxes; what is in them the pages know.
import { Refusal } from '~/source/source';

const HEAD_BYTES = 384;

export interface Figure {
  head: readonly unknown[];
  /** Where its bytes begin in the answer, and how many there are. */
  offset: number;
  bytes: number;
}

function wrong(): never {
  throw new Refusal(0, 'the answer is no drawing', 'server', 'reload the page');
}

/** `bytesOf` tells how many bytes follow a head. */
export function figuresOf(answer: ArrayBuffer, bytesOf: (head: readonly unknown[]) => number): Figure[] {
  const text = new TextDecoder();
  const figures: Figure[] = [];
  for (let at = 0; at < answer.byteLength;) {
    if (at + HEAD_BYTES > answer.byteLength) wrong();
    const head = JSON.parse(text.decode(new Uint8Array(answer, at, HEAD_BYTES))) as unknown[];
    const [offset, bytes] = [at + HEAD_BYTES, bytesOf(head)];
    if (!Number.isSafeInteger(bytes) || bytes < 0 || offset + bytes > answer.byteLength) wrong();
    figures.push({ head, offset, bytes });
    at = offset + bytes;
  }
  return figures;
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

export function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
