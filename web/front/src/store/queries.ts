// SPDX-License-Identifier: MIT
// The queries behind what is shown now, for who wants to go on with them in SQL.
import { signal } from '@preact/signals';

export interface Query {
  name: string;
  sql: string;
}

const held = new Map<object, Query>();
/** Grows with each change; the queries themselves are read when somebody looks. */
export const queriesChanged = signal(0);

/** While it is shown. Gives what takes it off again. */
export function showQuery(query: Query): () => void {
  const key = {};
  held.set(key, query);
  queriesChanged.value++;
  return () => {
    held.delete(key);
    queriesChanged.value++;
  };
}

/** Each once, in the order in which they were answered. */
export function shownQueries(): Query[] {
  return [...new Map([...held.values()].map((query) => [query.sql, query])).values()];
}
