// SPDX-License-Identifier: MIT
// Who held the selected address: every block that had it, with the stacks of its birth and its end.
import { Answered } from '~/parts/answered';
import { Site } from '~/parts/site';
import type { RowOf } from '~/source/rows';
import { rowsOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, goTo, resolved, view } from '~/store/view';
import { formatBytes, formatDuration, formatTime } from '~/text/format';
import { hex, plural } from '~/text/words';

type Tenant = RowOf<Columns<'Address'>>;

export function History() {
  const { reel, selection } = view.value;
  const { place } = selection;
  const history = useRows(reel, 'Address', place && { address: place.address, process: place.process });
  if (!place) {
    return (
      <section class="panel" aria-label="History">
        <span class="quiet">Select a block: who held its address, and who freed it, is told here.</span>
      </section>
    );
  }
  return (
    <section class="panel stack" aria-label="History">
      <h2>
        Who held <span class="mono">{hex(place.address)}</span>
      </h2>
      <button
        type="button"
        onClick={() => change({ page: 'map', sort: null }, 'push')}
        title="the page of memory that it lies on"
      >
        Show on the map
      </button>
      <Answered asked={history} what="who held it">
        {(answer) =>
          answer.rows === 0 ? (
            <span class="quiet">No block ever held it.</span>
          ) : (
            <>
              <div class="quiet">
                {plural(answer.rows, 'block')}
                {answer.rows === 1 ? '' : ', one after the other'}
              </div>
              <ol class="tenants">
                {rowsOf(answer.columns).map((tenant) => (
                  <TenantItem key={tenant.birth_event} tenant={tenant} />
                ))}
              </ol>
            </>
          )
        }
      </Answered>
    </section>
  );
}

function TenantItem({ tenant }: { tenant: Tenant }) {
  const now = resolved.value?.events ?? 0;
  const isNow = tenant.birth_event < now && (tenant.free_event === null || tenant.free_event >= now);
  return (
    <li aria-current={isNow ? 'true' : undefined} class={isNow ? 'is-now' : ''}>
      <div>
        {formatBytes(tenant.requested_bytes)}
        {tenant.free_ns !== null && <span class="quiet"> for {formatDuration(tenant.free_ns - tenant.birth_ns)}</span>}
        {isNow && <span class="badge">now</span>}
      </div>
      <Step title="born" event={tenant.birth_event} ns={tenant.birth_ns} thread={tenant.alloc_thread} />
      <Site stack={tenant.alloc_stack} text={tenant.alloc_text} frames={3} />
      {tenant.free_event === null || tenant.free_ns === null ? (
        <div class="quiet">not freed</div>
      ) : (
        <>
          <Step title="freed" event={tenant.free_event} ns={tenant.free_ns} thread={tenant.free_thread} />
          <Site stack={tenant.free_stack} text={tenant.free_text} frames={3} />
        </>
      )}
    </li>
  );
}

function Step(props: { title: string; event: number; ns: number; thread: number | null }) {
  return (
    <div class="row">
      <span class="quiet">{props.title}</span>
      <button type="button" class="plain" onClick={() => goTo({ events: props.event + 1 })}>
        {formatTime(props.ns)}
      </button>
      {props.thread !== null && <span class="quiet">thread {props.thread}</span>}
    </div>
  );
}
