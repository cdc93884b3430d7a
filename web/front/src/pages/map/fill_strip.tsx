// SPDX-License-Identifier: MIT
// How full the occupied pages are, by tenths, and what the emptiest of them hold back.
import { cssOf, magnitude } from '~/draw/palette';
import { rowsOf } from '~/source/rows';
import { useRows } from '~/source/use_answer';
import { isMoving, t, view } from '~/store/view';
import { adviceSparse } from '~/text/advice';
import { exactBytes, formatBytes, formatCount, formatShare } from '~/text/format';
import { plural } from '~/text/words';

const TENTHS = 10;

function tenthsOf(text: string | undefined): number[] {
  const parsed: unknown = text ? JSON.parse(text) : [];
  return Array.isArray(parsed) ? parsed.map(Number) : [];
}

/** `process`: of the pages that are shown; 0: not known yet. */
export function FillStrip({ process }: { process: number }) {
  const { reel } = view.value;
  const at = process && !isMoving.value ? { t: t.value, process } : null;
  const heap = useRows(reel, 'Heap', at);
  const sparse = useRows(reel, 'Sparse', at);
  const tenths = tenthsOf(heap.value?.columns.pages_by_fill[0]);
  const all = tenths.reduce((sum, pages) => sum + pages, 0);
  const most = Math.max(1, ...tenths);
  const pinned = heap.value?.columns.pinned_bytes[0] ?? 0;
  const found = sparse.value ? rowsOf(sparse.value.columns)[0] : undefined;
  return (
    <div class={`fill-strip ${heap.isStale || sparse.isStale ? 'is-stale' : ''}`}>
      <ol aria-label="Occupied pages by how full they are">
        {tenths.map((pages, tenth) => (
          <li key={tenth} title={`${formatCount(pages)} pages, ${formatShare(pages, all)} of the occupied ones`}>
            <i
              style={{
                height: `${pages === 0 ? 0 : Math.max(2, Math.round((pages / most) * 34))}px`,
                background: cssOf(magnitude((tenth + 0.5) / TENTHS)),
              }}
            />
            <span class="quiet">{(tenth + 1) * TENTHS} %</span>
            <span class="away">full at most: {plural(pages, 'page')}</span>
          </li>
        ))}
      </ol>
      <p>
        {pinned > 0 && <span title={exactBytes(pinned)}>Pinned {formatBytes(pinned)} in all. </span>}
        {found === undefined
          ? 'Sparse pages are not counted yet.'
          : found.pages === 0
            ? 'No page is less than 25 % full.'
            : `${adviceSparse(found)}.`}
      </p>
    </div>
  );
}
