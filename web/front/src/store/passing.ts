// SPDX-License-Identifier: MIT
// What blocks must be to be shown in their colours: of what is selected, and what the filter lets pass.
import type { Parameters } from '~/source/source';
import type { Filter } from '~/state/filter';
import type { Selection } from '~/state/state';

/** As the server takes it, without what goes without saying. */
export type Passing = Pick<Parameters<'StackPages'>, 'stack' | 'function' | 'class' | 'least' | 'most'>;

/** Null: all blocks. A class alone stands in the rows of classes; `hasClass`: it counts here. */
export function passingOf({ stack, class: chosen }: Selection, filter: Filter, hasClass: boolean): Passing | null {
  const { function: name, leastBytes, mostBytes } = filter;
  const number = hasClass ? (filter.class ?? chosen) : null;
  const passing: Passing = {
    ...(stack !== null && { stack }),
    ...(name !== '' && { function: name }),
    ...(number !== null && { class: number }),
    ...(leastBytes > 0 && { least: leastBytes }),
    ...(mostBytes > 0 && { most: mostBytes }),
  };
  return Object.keys(passing).length === 0 ? null : passing;
}
