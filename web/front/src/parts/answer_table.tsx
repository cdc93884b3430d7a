// SPDX-License-Identifier: MIT
// Any answer as a table, columns as they are named: for queries that users write.
import { Table } from './table';
import type { TableColumn } from './table';

export type AnyColumns = Record<string, readonly (number | string | null)[]>;

export function AnswerTable({ label, columns }: { label: string; columns: AnyColumns }) {
  const names = Object.keys(columns);
  const count = columns[names[0] ?? '']?.length ?? 0;
  const table = names.map((name): TableColumn => {
    const values = columns[name] ?? [];
    return {
      name,
      title: name,
      isNumber: values.some((value) => typeof value === 'number'),
      cell: (row) => {
        const value = values[row] ?? null;
        return value === null ? <span class="quiet">NULL</span> : String(value);
      },
      order: (row) => values[row] ?? null,
    };
  });
  return <Table label={label} columns={table} count={count} empty="No rows." />;
}
