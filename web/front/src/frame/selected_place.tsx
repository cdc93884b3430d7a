// SPDX-License-Identifier: MIT
// The selected stretch of memory: its addresses. What lies in it the pages of the map and of blocks tell.
import { Copy } from '~/parts/copy';
import type { Place } from '~/state/state';
import { exactBytes } from '~/text/format';
import { hex } from '~/text/words';
import { Card } from './drawer';

export function SelectedPlace({ place }: { place: Place }) {
  return (
    <Card title={hex(place.address)} part="place" pages={['map', 'blocks']}>
      <dl class="figures">
        <dt>bytes</dt>
        <dd>{exactBytes(place.bytes)}</dd>
        <dt>last byte</dt>
        <dd class="mono">{hex(place.address + place.bytes - 1)}</dd>
        {place.process !== 0 && (
          <>
            <dt>process</dt>
            <dd>{place.process}</dd>
          </>
        )}
      </dl>
      <div class="row">
        <Copy text={hex(place.address)}>Copy address</Copy>
      </div>
    </Card>
  );
}
