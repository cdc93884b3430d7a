// SPDX-License-Identifier: MIT
// Which pages of the map keep their colours: those that hold a block of what is selected and passes the filter.
import type { Passing } from '~/store/passing';
import { passingBytes } from './inks';
import type { Painting } from './paint';
import type { Stretches } from './stretches';

export interface Wanted {
  /** Null: all blocks. */
  passing: Passing | null;
  /** Selected and filtered: of two different ones no block is. */
  classes: readonly (number | null)[];
  /** Usable bytes of the blocks that pass, of the moment of the last rest; null: not there. */
  answer: Stretches | null;
  isMoving: boolean;
}

/** Null: all pages. */
export function shownPages(pages: Stretches, { passing, classes, answer, isMoving }: Wanted): Painting['isShown'] {
  const [first, second] = classes.filter((each) => each !== null);
  if (passing === null) return null;
  if (first !== undefined && second !== undefined && first !== second) return () => false;
  // While the moment moves each page tells the class of one of its blocks: near enough, and not of another moment.
  const isOfClassAlone = passing.class !== undefined && Object.keys(passing).length === 1;
  if (isOfClassAlone && (isMoving || answer === null))
    return (offset) => pages.data.getUint8(offset + 4) === passing.class;
  if (answer === null) return null;
  const bytes = passingBytes(answer);
  return (_, page) => bytes(page) > 0;
}
