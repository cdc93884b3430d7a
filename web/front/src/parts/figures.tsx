// SPDX-License-Identifier: MIT
// Columns of figures in tables, each with its exact number on hover, and the bar that shows parts of a whole.
import type { TableColumn } from './table';
import { exactBytes, formatBytes, formatCount, formatDelta, formatDeltaCount } from '~/text/format';

type Value = (row: number) => number | null;

/** A value that is not known is a dash, and comes last in any order; it is pale, as nothing is. */
export function bytesColumn(name: string, title: string, value: Value, meaning = ''): TableColumn {
  return {
    name,
    title,
    meaning,
    isNumber: true,
    order: value,
    cell: (row) => {
      const bytes = value(row);
      if (bytes === null) return <span class="quiet">-</span>;
      const shown = Math.max(0, bytes);
      return (
        <span class={shown === 0 ? 'quiet' : ''} title={exactBytes(shown)}>
          {formatBytes(shown)}
        </span>
      );
    },
  };
}

export function countColumn(name: string, title: string, value: Value, meaning = ''): TableColumn {
  return {
    name,
    title,
    meaning,
    isNumber: true,
    order: value,
    cell: (row) => {
      const count = value(row);
      return count === null ? '-' : formatCount(Math.max(0, count));
    },
  };
}

/** More and less in their colours. */
export function Changed({ by, children, title = '' }: { by: number; children: string; title?: string }) {
  return (
    <span class={by === 0 ? 'quiet' : by > 0 ? 'is-more' : 'is-less'} title={title}>
      {children}
    </span>
  );
}

/** What B has more than A, in the order of its greatness. */
export function changeColumn(
  name: string,
  title: string,
  kind: 'bytes' | 'count',
  value: (row: number) => number,
  meaning = '',
): TableColumn {
  return {
    name,
    title,
    meaning,
    isNumber: true,
    order: (row) => Math.abs(value(row)),
    cell: (row) => {
      const by = value(row);
      if (kind === 'count') return <Changed by={by}>{formatDeltaCount(by)}</Changed>;
      return (
        <Changed by={by} title={exactBytes(Math.abs(by))}>
          {formatDelta(by)}
        </Changed>
      );
    },
  };
}

interface Part {
  name: string;
  bytes: number;
}

/** Parts in the colours and hatches of the identity; the whole has the full width. */
export function PartsBar({ parts, whole }: { parts: readonly Part[]; whole: number }) {
  return (
    <span class="bar parts-bar" title={parts.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ')}>
      {parts.map(({ name, bytes }) => (
        <span key={name} class={`is-${name}`} style={{ flexBasis: `${(100 * bytes) / Math.max(whole, 1)}%` }} />
      ))}
    </span>
  );
}
