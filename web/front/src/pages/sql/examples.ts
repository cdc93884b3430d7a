// SPDX-License-Identifier: MIT
// Queries to begin with; docs/sql.md tells all that can be asked.

export interface Example {
  title: string;
  sql: string;
}

export const examples: readonly Example[] = [
  {
    title: 'The identity at ten moments',
    sql: `SELECT m.value AS moment, h.resident_bytes, h.requested_bytes, h.rounding_bytes, h.pinned_bytes, h.retained_bytes
FROM json_each('["10%","20%","30%","40%","50%","60%","70%","80%","90%","end"]') m, heap_at(m.value) h
WHERE h.process = 0`,
  },
  {
    title: 'Who pins most, where it is worst',
    sql: `SELECT pinned_bytes, live_bytes, stack_text(stack) AS stack
FROM blame_at('worst') ORDER BY 1 DESC LIMIT 20`,
  },
  {
    title: 'What came to be between two moments and is still there',
    sql: `SELECT bytes, blocks, stack_text(stack) AS stack FROM stacks_between('10%', '90%', 'unfreed') LIMIT 20`,
  },
  {
    title: 'The oldest blocks',
    sql: `SELECT birth_ns / 1e9 AS birth_s, stack_text(stack) AS stack FROM oldest_at('end') LIMIT 20`,
  },
  {
    title: 'Size classes by what rounding costs',
    sql: `SELECT least_bytes, greatest_bytes, live_blocks, rounding_bytes, 100.0 * rounding_bytes / usable_bytes AS percent
FROM classes_at('peak') WHERE process = 0 AND live_blocks > 0 ORDER BY rounding_bytes DESC`,
  },
  {
    title: 'Holes by size',
    sql: `SELECT least_bytes, holes, bytes, 100.0 * unusable_bytes / free_bytes AS unusable_percent
FROM holes_at('worst') WHERE process = 0`,
  },
  {
    title: 'Blocks that another thread freed',
    sql: `SELECT alloc_thread, free_thread, blocks, bytes FROM crossings() ORDER BY blocks DESC LIMIT 20`,
  },
  {
    title: 'Events of one kind in each second',
    sql: `SELECT t_ns / 1000000000 AS second, kind, count(*) AS events FROM events GROUP BY 1, 2`,
  },
];
