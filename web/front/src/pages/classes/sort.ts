// SPDX-License-Identifier: MIT
// The order of the page's tables, kept in the link: the view has one, which belongs to the table that has its column.
import type { TableColumn } from '~/parts/table';
import { change, view } from '~/store/view';

/** As a table takes it ("-name" descends), and what to call when a heading is pressed. */
export function useSort(otherwise: string, columns: readonly TableColumn[]): [string, (sort: string) => void] {
  const { sort } = view.value;
  const isMine = sort !== null && columns.some(({ name }) => name === sort.column);
  const shown = isMine ? `${sort.isDescending ? '-' : ''}${sort.column}` : otherwise;
  const onSort = (next: string) =>
    change({ sort: { column: next.replace('-', ''), isDescending: next.startsWith('-') } });
  return [shown, onSort];
}
