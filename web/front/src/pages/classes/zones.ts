// SPDX-License-Identifier: MIT
// Which zone a class lies in, as far as the allocator tells: the groups of the rows of classes, in time and at the moment.
import type { Columns } from '~/source/source';

export interface Groups {
  titles: readonly string[];
  of: (row: { class_number: number; class_id: number | null }) => number;
}

const TITLES = [
  'Zones of one class each',
  'One zone for all classes',
  'Large blocks: a mapping for each',
  'Outside of zones',
] as const;

/** Of the zones of the whole run, so that a class stays where it is while the moment moves. Null: there are none that serve
 * classes, as under the system's malloc; a block of any class may lie anywhere then. */
export function groupsOf({ class_id: ids, role }: Columns<'ClassZones'>): Groups | null {
  const own = new Set(ids.filter((id) => id !== null));
  const isShared = role.includes('bump');
  if (own.size === 0 && !isShared) return null;
  return {
    titles: TITLES,
    of: ({ class_number: number, class_id: id }) => {
      if (id !== null && own.has(id)) return 0;
      if (id !== null && isShared) return 1;
      return number === 0 ? 2 : 3;
    },
  };
}
