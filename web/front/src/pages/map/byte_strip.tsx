// SPDX-License-Identifier: MIT
// The bytes of a page: its blocks with what was asked for and what was rounded up, and the free bytes between them.
import { useMemo, useRef } from 'preact/hooks';
import { Canvas, useSize } from '~/parts/canvas';
import type { Box, Drawing, Surface } from '~/parts/canvas';
import { exactBytes, formatBytes } from '~/text/format';
import { hex } from '~/text/words';
import { PAGE_BYTES } from './stretches';

const ROWS = 4;
const ROW_BYTES = PAGE_BYTES / ROWS;
const ROW_PIXELS = 16;
const ROW_STEP = 20;

interface Held {
  address: number;
  requested_bytes: number;
  usable_bytes: number;
}

/** Where bytes of the page from one to another lie, row by row. */
function boxesOf(begin: number, end: number, width: number): Box[] {
  const boxes: Box[] = [];
  for (let at = Math.max(0, begin); at < Math.min(end, PAGE_BYTES);) {
    const row = Math.floor(at / ROW_BYTES);
    const stop = Math.min(end, (row + 1) * ROW_BYTES);
    const x = ((at % ROW_BYTES) * width) / ROW_BYTES;
    boxes.push({ x, y: row * ROW_STEP, width: ((stop - at) * width) / ROW_BYTES, height: ROW_PIXELS });
    at = stop;
  }
  return boxes;
}

function byteAt(x: number, y: number, width: number): number | null {
  const row = Math.floor(y / ROW_STEP);
  if (x < 0 || x >= width || row < 0 || row >= ROWS || y % ROW_STEP >= ROW_PIXELS) return null;
  return row * ROW_BYTES + Math.floor((x * ROW_BYTES) / width);
}

interface StripProps {
  address: number;
  blocks: readonly Held[];
  isShown: (block: number) => boolean;
  cursor: number | null;
  onCursor: (block: number) => void;
  onOpen: (block: number) => void;
}

function fillBytes({ context }: Surface, boxes: readonly Box[], colour: string, gap: number): void {
  context.fillStyle = colour;
  for (const { x, y, width, height } of boxes) context.fillRect(x, y, Math.max(0.5, width - gap), height);
}

/** The rounding of a block has diagonals: it is told without its colour too. */
function hatchBytes({ context, style }: Surface, boxes: readonly Box[]): void {
  context.strokeStyle = style('--panel');
  context.lineWidth = 1;
  for (const { x, y, width, height } of boxes) {
    context.save();
    context.beginPath();
    context.rect(x, y, width, height);
    context.clip();
    context.beginPath();
    for (let at = -height; at < width; at += 4) {
      context.moveTo(x + at, y + height);
      context.lineTo(x + at + height, y);
    }
    context.stroke();
    context.restore();
  }
}

function drawStrip(surface: Surface, { address, blocks, isShown }: StripProps, width: number): void {
  const { context, ratio, style } = surface;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, ROWS * ROW_STEP);
  fillBytes(surface, boxesOf(0, PAGE_BYTES, width), style('--raised'), 0);
  blocks.forEach((block, number) => {
    const begin = block.address - address;
    const asked = begin + Math.min(block.requested_bytes, block.usable_bytes);
    const shown = isShown(number);
    const tail = boxesOf(asked, begin + block.usable_bytes, width);
    fillBytes(surface, boxesOf(begin, asked, width), shown ? style('--requested') : style('--untouched'), 1);
    fillBytes(surface, tail, style('--rounding'), 1);
    hatchBytes(surface, tail);
  });
  context.setTransform(1, 0, 0, 1, 0, 0);
}

function describe(block: Held | undefined): string {
  if (!block) return '';
  const rounding = block.usable_bytes - block.requested_bytes;
  const more = rounding > 0 ? `, ${formatBytes(rounding)} of rounding` : '';
  return `block ${hex(block.address)}: ${exactBytes(block.requested_bytes)} requested${more}`;
}

function useDrawing(props: StripProps, width: number): Drawing {
  const { address, blocks, isShown } = props;
  const draw = useMemo(() => (surface: Surface) => drawStrip(surface, props, width), [address, blocks, isShown, width]);
  return {
    draw,
    cellAt: (x, y) => {
      const byte = byteAt(x, y, width);
      if (byte === null) return null;
      const held = ({ address: begin, usable_bytes }: Held) =>
        address + byte >= begin && address + byte < begin + usable_bytes;
      const found = blocks.findIndex(held);
      return found < 0 ? null : found;
    },
    boxOf: (number) => {
      const block = blocks[number];
      const begin = block ? block.address - address : 0;
      return (block && boxesOf(begin, begin + block.usable_bytes, width)[0]) ?? null;
    },
    step: (number, right, down) => {
      if (blocks.length === 0) return null;
      return number === null ? 0 : Math.max(0, Math.min(blocks.length - 1, number + right + down));
    },
    describe: (number) => describe(blocks[number]),
  };
}

export function ByteStrip(props: StripProps) {
  const holder = useRef<HTMLDivElement>(null);
  const { width } = useSize(holder);
  const drawing = useDrawing(props, width);
  return (
    <div ref={holder}>
      {width > 0 && (
        <Canvas
          label="The bytes of the page: arrow keys move from block to block, Enter selects"
          width={width}
          height={ROWS * ROW_STEP}
          drawing={drawing}
          cursor={props.cursor}
          onCursor={props.onCursor}
          onOpen={props.onOpen}
        />
      )}
      <div class="row quiet map-legend">
        <span class="entry">
          <i class="swatch is-requested" /> requested
        </span>
        <span class="entry">
          <i class="swatch is-rounding" /> rounding
        </span>
        <span class="entry">
          <i class="swatch is-free" /> free
        </span>
      </div>
    </div>
  );
}
