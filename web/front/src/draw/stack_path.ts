// SPDX-License-Identifier: MIT
// Where a stack lies in a call tree: its frames as the tree's keys, without those that the tree leaves out.
import type { Columns } from '~/source/source';
import { keyOf } from './call_tree';
import type { IsLeftOut } from './left_out';

/** The keys of a stack from the tree's root on. */
export function pathOfStack(c: Columns<'Stack'>, isInverted: boolean, isHidden: IsLeftOut): string[] {
  const rows = c.place.map((_, row) => row);
  if (!isInverted) rows.reverse();
  const keys: string[] = [];
  const isCut = c.is_cut.some((cut) => cut === 1);
  if (isCut && !isInverted) keys.push(keyOf('...', null));
  for (const row of rows) {
    const [name, module] = [c.function[row] ?? null, c.module[row] ?? null];
    const key = keyOf(name, module);
    const isSameUnnamed = name === null && module !== null && keys.at(-1) === key;
    if (!isHidden(name, module) && !isSameUnnamed) keys.push(key);
  }
  if (isCut && isInverted) keys.push(keyOf('...', null));
  return keys;
}
