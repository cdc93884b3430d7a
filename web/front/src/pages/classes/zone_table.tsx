// SPDX-License-Identifier: MIT
// The stretches of memory that serve blocks: zones of Heapreel's own allocators, else mappings of the heap.
import { useMemo, useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { PartsBar, bytesColumn, countColumn } from '~/parts/figures';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import { rowsOf } from '~/source/rows';
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, isMoving, select, selection, t, view } from '~/store/view';
import { formatCount, formatShare } from '~/text/format';
import { hex } from '~/text/words';
import { useSort } from './sort';

const PAGE_BYTES = 4096;
const SHOWN_ZONES = 24; // more are shown when they are asked for

type Zone = RowOf<Columns<'Zones'>>;
type NameOf = (classNumber: number) => string;

export function Zones({ nameOf }: { nameOf: NameOf }) {
  const { reel, process } = view.value;
  const asked = useRows(reel, 'Zones', isMoving.value ? null : { t: t.value, process });
  const columns = asked.value?.columns;
  const table = useMemo(() => columns && <ZoneTable columns={columns} nameOf={nameOf} />, [columns, nameOf]);
  return (
    <section class="panel stack" aria-label="Zones">
      <h2>Zones</h2>
      <Answered asked={asked} what="zones">
        {() => table}
      </Answered>
    </section>
  );
}

function fullColumn(of: <V>(value: (zone: Zone) => V) => (row: number) => V): TableColumn {
  return {
    name: 'full',
    title: 'Full',
    meaning: 'live bytes of the pages that have some',
    isNumber: true,
    cell: of((zone) => formatShare(zone.live_usable_bytes, zone.occupied_pages * PAGE_BYTES)),
    order: of((zone) => (zone.occupied_pages === 0 ? null : zone.live_usable_bytes / zone.occupied_pages)),
  };
}

function columnsOf(zones: readonly Zone[], nameOf: NameOf): TableColumn[] {
  const of =
    <V,>(value: (zone: Zone) => V) =>
    (row: number) =>
      value(zones[row] as Zone);
  const most = Math.max(...zones.map((zone) => zone.resident_pages * PAGE_BYTES), 1);
  const name = (zone: Zone) => (zone.class_number === null ? zone.kind : `${zone.kind} ${nameOf(zone.class_number)}`);
  const hasMany = new Set(zones.map((zone) => zone.process)).size > 1;
  const process = countColumn(
    'process',
    'Process',
    of((zone) => zone.process),
  );
  return [
    { name: 'kind', title: 'Zone', cell: of(name), order: of((zone) => `${zone.kind} ${zone.class_number ?? ''}`) },
    ...(hasMany ? [process] : []),
    bytesColumn(
      'zone_pinned',
      'Pinned',
      of((zone) => zone.pinned_bytes),
    ),
    fullColumn(of),
    bytesColumn(
      'live_usable_bytes',
      'Live',
      of((zone) => zone.live_usable_bytes),
    ),
    bytesColumn(
      'resident_pages',
      'Resident',
      of((zone) => zone.resident_pages * PAGE_BYTES),
    ),
    bytesColumn(
      'retained_bytes',
      'Retained',
      of((zone) => zone.retained_bytes),
    ),
    { name: 'zone_parts', title: 'Live, pinned, retained', cell: of((zone) => <Parts zone={zone} most={most} />) },
    countColumn(
      'zone_blocks',
      'Blocks',
      of((zone) => zone.live_blocks),
    ),
    bytesColumn(
      'zone_bytes',
      'Range',
      of((zone) => zone.zone_bytes),
      'address space, most of it may never be touched',
    ),
    {
      name: 'begin_address',
      title: 'Address',
      cell: of((zone) => <span class="mono">{hex(zone.begin_address)}</span>),
      order: of((zone) => zone.begin_address),
    },
  ];
}

function Parts({ zone, most }: { zone: Zone; most: number }) {
  if (zone.kind === 'metadata') return <span class="quiet">tables of the allocator</span>;
  const whole = zone.resident_pages * PAGE_BYTES;
  const parts = [
    { name: 'requested', bytes: Math.max(0, whole - zone.pinned_bytes - zone.retained_bytes) },
    { name: 'pinned', bytes: zone.pinned_bytes },
    { name: 'retained', bytes: zone.retained_bytes },
  ];
  return <PartsBar parts={parts} whole={most} />;
}

function chooseZone(zone: Zone | undefined, isChosen: boolean): void {
  if (!zone) return;
  const { process, begin_address: address, zone_bytes: bytes } = zone;
  select({ place: isChosen || bytes < 1 ? null : { process, address, bytes } });
}

function ZoneTable({ columns: c, nameOf }: { columns: Columns<'Zones'>; nameOf: NameOf }) {
  const [isWhole, setWhole] = useState(false);
  const used = useMemo(() => rowsOf(c).filter((zone) => zone.used_end_address > zone.used_begin_address), [c]);
  const unused = c.process.length - used.length;
  const hidden = isWhole ? 0 : Math.max(0, used.length - SHOWN_ZONES);
  const zones = useMemo(
    () => (hidden === 0 ? used : [...used].sort((a, b) => b.resident_pages - a.resident_pages).slice(0, SHOWN_ZONES)),
    [used, hidden],
  );
  const table = useMemo(() => columnsOf(zones, nameOf), [zones, nameOf]);
  const [sort, onSort] = useSort('-zone_pinned', table);
  const { place, class: chosen } = selection.value;
  const isPlace = (zone: Zone | undefined) =>
    zone !== undefined && place?.address === zone.begin_address && place.bytes === zone.zone_bytes;
  return (
    <>
      <Table
        label="Zones at the moment"
        columns={table}
        count={zones.length}
        sort={sort}
        onSort={onSort}
        isSelected={(row) =>
          isPlace(zones[row]) || (chosen !== null && zones[row]?.class_number === chosen && chosen !== 0)
        }
        onSelect={(row) => chooseZone(zones[row], isPlace(zones[row]))}
        onOpen={(row) => {
          chooseZone(zones[row], false);
          change({ page: 'map', sort: null }, 'push');
        }}
        empty="No memory serves blocks at this moment."
      />
      <div class="row quiet">
        {hidden > 0 && (
          <button type="button" onClick={() => setWhole(true)}>
            Show {formatCount(hidden)} more with less resident memory
          </button>
        )}
        {unused > 0 && <span>and {formatCount(unused)} of which no page is used</span>}
        {zones.length > 0 && <span>Enter or a double click shows a zone on the map.</span>}
      </div>
    </>
  );
}
