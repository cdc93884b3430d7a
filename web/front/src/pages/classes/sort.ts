// SPDX-License-Identifier: MIT
// The order of a table, kept in the link: the view has one, which belongs to the table that has its column.
import { usePageActions } from '~/keys/actions';
import type { TableColumn } from '~/parts/table';
import { change, sort as chosenSort } from '~/store/view';

/** "-name" descends. */
function changeSort(sort: string): void {
  change({ sort: { column: sort.replace('-', ''), isDescending: sort.startsWith('-') } });
}

/** As a table takes it, and what to call when a heading is pressed. */
export function useSort(otherwise: string, columns: readonly TableColumn[]): [string, (sort: string) => void] {
  const sort = chosenSort.value;
  const isMine = sort !== null && columns.some(({ name }) => name === sort.column);
  return [isMine ? `${sort.isDescending ? '-' : ''}${sort.column}` : otherwise, changeSort];
}

/** The sort of so many columns further, each in the direction that says most of it. */
export function otherSort(columns: readonly TableColumn[], sort: string, step: number): string {
  const sorted = columns.filter((column) => column.order);
  const at = sorted.findIndex((column) => column.name === sort.replace('-', ''));
  const next = sorted[(at + step + sorted.length) % sorted.length];
  return next ? `${next.isNumber ? '-' : ''}${next.name}` : sort;
}

/** The keys that sort, for the page's first table. */
export function useSortKeys(columns: readonly TableColumn[], sort: string): void {
  usePageActions({
    SORT_NEXT: () => changeSort(otherSort(columns, sort, 1)),
    SORT_PREVIOUS: () => changeSort(otherSort(columns, sort, -1)),
    SORT_REVERSE: () => changeSort(sort.startsWith('-') ? sort.slice(1) : `-${sort}`),
  });
}
