// SPDX-License-Identifier: MIT
// Answers travel as columns; where a row is wanted, this makes one.

export type RowOf<C> = { [N in keyof C]: C[N] extends readonly (infer V)[] ? V : never };

/** A row of an answer's columns, which has to exist. */
export function rowOf<C extends object>(columns: C, row: number): RowOf<C> {
  const entries = Object.entries(columns).map(([name, values]) => [name, (values as unknown[])[row]]);
  return Object.fromEntries(entries) as RowOf<C>;
}

/** All rows; for answers that are short. */
export function rowsOf<C extends object>(columns: C): RowOf<C>[] {
  const first = Object.values(columns)[0] as unknown[] | undefined;
  return (first ?? []).map((_, row) => rowOf(columns, row));
}
