// SPDX-License-Identifier: MIT
// What the timeline's colours mean; a word leaves its line or band out, and draws it again.
import type { ComponentChildren } from 'preact';
import { isLive } from '~/store/live';
import { identityParts } from '~/text/identity';
import { hasParts, leftOut, toggleParts, toggleSeries } from './series';
import type { Series } from './series';

function Entry({ series, title, children }: { series: Series; title: string; children: ComponentChildren }) {
  return (
    <button
      type="button"
      class="plain"
      aria-pressed={!leftOut.value.has(series)}
      title={`${title}; a click leaves it out or draws it again`}
      onClick={() => toggleSeries(series)}
    >
      <i class={series} /> {children}
    </button>
  );
}

const PARTS = 'where every resident byte of the heap goes, at sixty moments of what is shown';

function Parts() {
  const title = isLive.value ? `${PARTS}: once the recording has ended` : PARTS;
  return (
    <>
      <button
        type="button"
        class="plain parts"
        aria-pressed={hasParts()}
        disabled={isLive.value}
        title={`${title}. Pale: the kernel had not been asked yet. Asked for by hand where a run is long.`}
        onClick={toggleParts}
      >
        parts
      </button>
      {hasParts() &&
        identityParts.map(({ name, meaning }) => (
          <Entry key={name} series={name} title={meaning}>
            {name}
          </Entry>
        ))}
    </>
  );
}

export function Legend() {
  return (
    <span class="legend quiet" role="group" aria-label="Legend of the timeline">
      <Entry series="live" title="the line, in the band from least to most">
        live
      </Entry>
      <Entry
        series="resident"
        title="of all processes, by the kernel's samples, with code and stacks; the figures above count the heap"
      >
        process resident
      </Entry>
      <Entry series="allocated" title="heights grow with the square root">
        allocated ▴
      </Entry>
      <Entry series="freed" title="heights grow with the square root">
        freed ▾
      </Entry>
      <Parts />
    </span>
  );
}
