// SPDX-License-Identifier: MIT
// The columns of the table of allocating stacks: what is measured, what the blocks hold at the moment, and what their stack
// has done until it. Rows of several answers are met by their stack.
import type { TableColumn } from '~/parts/table';
import { bytesColumn, changeColumn } from '~/parts/figures';
import { shortStack } from '~/parts/site';
import type { Columns } from '~/source/source';
import type { State } from '~/state/state';
import { measureMeanings } from '~/text/amounts';
import { formatCount, formatDeltaCount, formatDuration, formatShare } from '~/text/format';

const SHOWN_FRAMES = 4;

export type Sites = Columns<'Sites'>;
type Sums = Columns<'SiteSums'>;

/** What stands beside the rows, by stack: 0 is blocks without one. */
export interface Beside {
  sums: Sums | null;
  sumRows: ReadonlyMap<number, number>;
  /** From A to B, where both are set. */
  deltas: ReadonlyMap<number, number> | null;
  grows: ReadonlySet<number>;
  nowNs: number | null;
}

export function byStack(stacks: readonly (number | null)[]): Map<number, number> {
  return new Map(stacks.map((stack, row) => [stack ?? 0, row]));
}

/** "f (file.c:12)" of the innermost frame that is the program's, and those around it. */
function namesOf(c: Sites, row: number): [string, string] {
  const line = shortStack(c.stack[row] ?? null, c.text[row] ?? null, SHOWN_FRAMES);
  const at = line.indexOf(' < ');
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)];
}

function nameColumn(c: Sites, beside: Beside, search: string): TableColumn {
  const wanted = search.toLowerCase();
  return {
    name: 'function',
    title: 'Function',
    meaning: 'the innermost function of the stack, and its callers',
    cell: (row) => {
      const text = c.text[row] ?? null;
      const [name, callers] = namesOf(c, row);
      const isFound = wanted !== '' && (text ?? '').toLowerCase().includes(wanted);
      return (
        <span class="site-name" title={text ?? ''}>
          {beside.grows.has(c.stack[row] ?? 0) && <span class="badge">grows</span>}{' '}
          <span class={isFound ? 'found' : ''}>{name}</span> <span class="quiet">{callers}</span>
        </span>
      );
    },
    order: (row) => namesOf(c, row)[0],
  };
}

function measuredColumns(c: Sites, { mode, measure }: Pick<State, 'mode' | 'measure'>): TableColumn[] {
  const at = (row: number) => c.bytes[row] ?? 0;
  const whole = c.bytes.reduce((sum, amount) => sum + Math.abs(amount), 0);
  const word = mode === 'moment' || mode === 'difference' ? measure : mode;
  const title = `${mode === 'difference' ? 'Δ ' : ''}${word.charAt(0).toUpperCase()}${word.slice(1)}`;
  const meaning = mode === 'moment' ? measureMeanings[measure] : `${mode} from A to B`;
  const isDifference = mode === 'difference';
  return [
    isDifference ? changeColumn('bytes', title, 'bytes', at, meaning) : bytesColumn('bytes', title, at, meaning),
    {
      name: 'share',
      title: 'Share',
      meaning: 'of what all rows come to',
      isNumber: true,
      cell: (row) => formatShare(Math.abs(at(row)), whole),
      order: (row) => Math.abs(at(row)),
    },
    {
      name: 'blocks',
      title: 'Blocks',
      isNumber: true,
      cell: (row) => (isDifference ? formatDeltaCount(c.blocks[row] ?? 0) : formatCount(c.blocks[row] ?? 0)),
      order: (row) => Math.abs(c.blocks[row] ?? 0),
    },
  ];
}

function summedColumns(c: Sites, { sums, sumRows, nowNs }: Beside): TableColumn[] {
  const of = (column: keyof Sums) => (row: number) => {
    const place = sumRows.get(c.stack[row] ?? 0);
    if (sums === null) return null;
    return place === undefined ? 0 : (sums[column][place] ?? null);
  };
  const [temporary, allocated, birth] = [of('temporary_bytes'), of('allocated_bytes'), of('oldest_birth_ns')];
  const share = (row: number) => {
    const all = allocated(row);
    return all ? (temporary(row) ?? 0) / all : null;
  };
  const age = (row: number) => {
    const born = birth(row);
    return born === null || nowNs === null || born === 0 ? null : Math.max(nowNs - born, 0);
  };
  return [
    bytesColumn('peak_bytes', 'Peak', of('peak_bytes'), measureMeanings.peak),
    bytesColumn('allocated_bytes', 'Allocated', allocated, measureMeanings.allocated),
    {
      name: 'temporary_bytes',
      title: 'Temporary',
      meaning: 'of what it allocated, what the next event of its thread freed',
      isNumber: true,
      cell: (row) => (
        <span class={share(row) ? '' : 'quiet'}>{formatShare(temporary(row) ?? 0, allocated(row) ?? 0)}</span>
      ),
      order: share,
    },
    bytesColumn('leaked_bytes', 'Leaked', of('leaked_bytes'), measureMeanings.leaked),
    {
      name: 'oldest_birth_ns',
      title: 'Oldest',
      meaning: 'age of its oldest live block',
      isNumber: true,
      cell: (row) => {
        const ns = age(row);
        return ns === null ? <span class="quiet">-</span> : formatDuration(ns);
      },
      order: age,
    },
  ];
}

/** What is measured stands in the first column of figures, and in no other. */
export function siteColumns(
  c: Sites,
  state: Pick<State, 'mode' | 'measure' | 'search'>,
  beside: Beside,
): TableColumn[] {
  const { deltas } = beside;
  const held = [
    bytesColumn('live_bytes', 'Live', (row) => c.live_bytes[row] ?? 0, measureMeanings.live),
    bytesColumn('pinned_bytes', 'Pinned', (row) => c.pinned_bytes[row] ?? 0, measureMeanings.pinned),
    bytesColumn('rounding_bytes', 'Rounding', (row) => c.rounding_bytes[row] ?? 0, measureMeanings.rounding),
    ...summedColumns(c, beside),
  ].filter(({ name }) => state.mode !== 'moment' || name !== `${state.measure}_bytes` || name === 'temporary_bytes');
  const between = deltas
    ? [changeColumn('delta_bytes', 'Δ A to B', 'bytes', (row) => deltas.get(c.stack[row] ?? 0) ?? 0)]
    : [];
  return [nameColumn(c, beside, state.search), ...measuredColumns(c, state), ...between, ...held];
}
