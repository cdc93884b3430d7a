// SPDX-License-Identifier: MIT
// What is looked at, and its figures at the moment.
import type { Answer } from '~/source/source';
import type { Asked } from '~/source/use_answer';
import { reels } from '~/store/source';
import { change, resolved, view } from '~/store/view';
import { exactBytes, formatBytes, formatShare, formatTime } from '~/text/format';

export function Header({ heap }: { heap: Asked<Answer<'Heap'>> }) {
  const c = heap.value?.columns;
  const at = (name: keyof NonNullable<typeof c>) => Number(c?.[name][0] ?? 0);
  const waste = at('resident_bytes') - at('requested_bytes');
  return (
    <header>
      <h1>Heapreel</h1>
      {reels.value.length > 1 ? (
        <select
          aria-label="Reel"
          value={view.value.reel}
          onChange={(event) => change({ reel: Number(event.currentTarget.value) }, 'push')}
        >
          {reels.value.map((reel) => (
            <option key={reel.reel} value={reel.reel}>
              {reel.name}
            </option>
          ))}
        </select>
      ) : (
        <span class="mono">{reels.value[0]?.name}</span>
      )}
      <span class="mono">{formatTime(resolved.value?.tNs ?? 0)}</span>
      <Figure name="live" bytes={at('live_bytes')} />
      <Figure name="resident" bytes={at('resident_bytes')} />
      <span title="resident and not asked for">
        <span class="quiet">waste</span> {formatShare(waste, at('resident_bytes'))}
      </span>
    </header>
  );
}

function Figure({ name, bytes }: { name: string; bytes: number }) {
  return (
    <span title={exactBytes(bytes)}>
      <span class="quiet">{name}</span> {formatBytes(bytes)}
    </span>
  );
}
