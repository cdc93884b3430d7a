// SPDX-License-Identifier: MIT
// The card of a page: the blocks on it, as bytes and as a table, each with its age and who allocated it.
import { useMemo, useState } from 'preact/hooks';
import { Answered } from '~/parts/answered';
import { bytesColumn } from '~/parts/figures';
import { innermost } from '~/parts/site';
import { Table } from '~/parts/table';
import type { TableColumn } from '~/parts/table';
import { rowsOf } from '~/source/rows';
import type { RowOf } from '~/source/rows';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { change, isMoving, resolved, select, t, view } from '~/store/view';
import { exactBytes, formatBytes, formatDuration, formatShare } from '~/text/format';
import { hex, plural } from '~/text/words';
import { ByteStrip } from './byte_strip';
import { PAGE_BYTES } from './stretches';

type Block = RowOf<Columns<'PageBlocks'>>;

export interface CardProps {
  process: number;
  page: number;
  /** Zone or mapping that the page is in. */
  where: string;
  nameOf: (classNumber: number) => string;
}

export function PageCard(props: CardProps) {
  const { process, page, where } = props;
  const address = page * PAGE_BYTES;
  const asked = useRows(view.value.reel, 'PageBlocks', isMoving.value ? null : { t: t.value, process, address });
  return (
    <section class="panel stack map-card" aria-label={`Page ${hex(address)}`}>
      <div class="row spread">
        <h2>
          Page <span class="mono">{hex(address)}</span> <span class="quiet">{where}</span>
        </h2>
        <button type="button" aria-label="Close the page's card" onClick={() => select({ place: null })}>
          ✕
        </button>
      </div>
      <Answered asked={asked} what="blocks of the page">
        {(answer) => <Blocks columns={answer.columns} address={address} {...props} />}
      </Answered>
      <button type="button" onClick={() => liveHere(process, address)}>
        Who lived here: blocks and history
      </button>
    </section>
  );
}

function liveHere(process: number, address: number): void {
  const { place, ...others } = view.peek().selection;
  const inPage = place && place.address >= address && place.address < address + PAGE_BYTES;
  const kept = inPage ? place : { process, address, bytes: PAGE_BYTES };
  change({ page: 'blocks', sort: null, selection: { ...others, place: kept } }, 'push');
}

/** Usable bytes of a block on the page. */
function bytesOn(address: number, block: Block): number {
  const end = Math.min(block.address + block.usable_bytes, address + PAGE_BYTES);
  return Math.max(0, end - Math.max(block.address, address));
}

/** Times between the ends of a chunk are on the straight line between them. */
function ageOf(block: Block): string {
  if (block.birth_ns_about === null) return '?';
  return formatDuration(Math.max(0, (resolved.value?.tNs ?? 0) - block.birth_ns_about));
}

function Blocks(props: CardProps & { columns: Columns<'PageBlocks'>; address: number }) {
  const { columns, address, process, nameOf } = props;
  const blocks = useMemo(() => rowsOf(columns), [columns]);
  const [cursor, setCursor] = useState<number | null>(null);
  const { stack, place } = view.value.selection;
  const isShown = useMemo(() => (number: number) => stack === null || blocks[number]?.stack === stack, [blocks, stack]);
  const table = useMemo(() => columnsOf(blocks, nameOf), [blocks, nameOf]);
  const isChosen = (number: number) =>
    place?.bytes !== PAGE_BYTES && place?.address === Math.max(blocks[number]?.address ?? 0, address);
  const choose = (number: number) => blocks[number] && chooseBlock(blocks[number], process, address);
  const used = blocks.reduce((sum, block) => sum + bytesOn(address, block), 0);
  const oldest = blocks.reduce<Block | null>((least, block) => (isOlder(block, least) ? block : least), null);
  if (blocks.length === 0) return <p class="note">No live block is here at this moment.</p>;
  return (
    <div class="stack">
      <div title={exactBytes(used)}>
        {formatShare(used, PAGE_BYTES)} full: {plural(blocks.length, 'block')} hold {formatBytes(used)} of{' '}
        {formatBytes(PAGE_BYTES)}
      </div>
      {oldest && (
        <div class="quiet">
          Oldest, for about {ageOf(oldest)}: {innermost(oldest.stack, oldest.text)}
        </div>
      )}
      <ByteStrip
        address={address}
        blocks={blocks}
        isShown={isShown}
        cursor={cursor}
        onCursor={setCursor}
        onOpen={choose}
      />
      <Table
        label="Blocks of the page"
        columns={table}
        count={blocks.length}
        isSelected={isChosen}
        isDim={(number) => !isShown(number)}
        onSelect={choose}
      />
    </div>
  );
}

function isOlder(block: Block, other: Block | null): boolean {
  return block.birth_event !== null && (other?.birth_event == null || block.birth_event < other.birth_event);
}

// One that begins on the page before is selected from here on: the card stays.
function chooseBlock(block: Block, process: number, page: number): void {
  const address = Math.max(block.address, page);
  const bytes = Math.max(1, block.address + block.usable_bytes - address);
  select({ stack: block.stack, place: { process, address, bytes } });
}

function columnsOf(blocks: readonly Block[], nameOf: CardProps['nameOf']): TableColumn[] {
  const of = (row: number) => blocks[row];
  return [
    {
      name: 'address',
      title: 'Address',
      cell: (row) => <span class="mono">{hex(of(row)?.address ?? 0)}</span>,
      order: (row) => of(row)?.address ?? null,
    },
    bytesColumn('requested_bytes', 'Size', (row) => of(row)?.requested_bytes ?? null),
    bytesColumn('usable_bytes', 'Usable', (row) => of(row)?.usable_bytes ?? null),
    { name: 'class_number', title: 'Class', isNumber: true, cell: (row) => nameOf(of(row)?.class_number ?? 0) },
    {
      name: 'birth_event',
      title: 'Age',
      meaning: 'about: between the ends of a chunk of events it is on the straight line',
      isNumber: true,
      cell: (row) => (blocks[row] ? ageOf(blocks[row]) : ''),
      order: (row) => -(of(row)?.birth_event ?? 0),
    },
    {
      name: 'stack',
      title: 'Allocated by',
      cell: (row) => (
        <span title={of(row)?.text ?? ''}>{blocks[row] ? innermost(blocks[row].stack, blocks[row].text) : ''}</span>
      ),
      order: (row) => of(row)?.text ?? null,
    },
  ];
}
