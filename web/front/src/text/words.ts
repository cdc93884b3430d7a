// SPDX-License-Identifier: MIT
// Small words that the pages in the browser share: numbers with their nouns, addresses.
import { formatCount } from './format';

/** "1 block", "2 000 blocks" */
export function plural(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** "0x7f12a000", as it can be gone to. */
export function hex(address: number): string {
  return `0x${address.toString(16)}`;
}
