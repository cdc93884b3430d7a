// SPDX-License-Identifier: MIT
// A drawing of cells that can be used without seeing it, and without a mouse: it has the focus, arrow keys move a cursor
// over its cells, a polite line says what is under it, Enter opens. What is drawn, and where a cell lies, the page says.
import './canvas.css';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';
import { theme } from '~/store/theme';

const SAY_MS = 300; // after the cursor rests

/** In CSS pixels, from the upper left corner of the canvas. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What is drawn on: sizes are device pixels, `ratio` of them to a CSS pixel. */
export interface Surface {
  context: CanvasRenderingContext2D;
  width: number;
  height: number;
  ratio: number;
  /** Of a name in theme.css: style('--panel'). */
  style: (name: string) => string;
}

/** A drawing for one size of canvas. Cells are numbers that only it understands. */
export interface Drawing {
  /** A new function draws anew; the same one does not. */
  draw: (surface: Surface) => void;
  cellAt: (x: number, y: number) => number | null;
  /** Null: out of sight. */
  boxOf: (cell: number) => Box | null;
  /** The cell so many to the right and down; of null the first one. Infinite: to the end. */
  step: (cell: number | null, right: number, down: number) => number | null;
  /** One line, for the tooltip and for those who do not see it. */
  describe: (cell: number) => string;
}

interface CanvasProps {
  label: string;
  /** In CSS pixels. */
  width: number;
  height: number;
  drawing: Drawing;
  cursor: number | null;
  onCursor: (cell: number) => void;
  /** Enter, or a click. */
  onOpen?: (cell: number) => void;
  /** Dragged over, or moved over with shift: both ends. */
  onBrush?: (first: number, last: number) => void;
  /** + and -, and the wheel with Ctrl: 1 is nearer. */
  onZoom?: (steps: number) => void;
  /** In place of the line, in the tooltip. */
  card?: (cell: number) => ComponentChildren;
}

/** The size of an element in CSS pixels as it changes; 0 before it is known. */
export function useSize(element: RefObject<HTMLElement | null>): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry?.contentRect ?? size;
      setSize({ width: Math.floor(width), height: Math.floor(height) });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return size;
}

function paint(canvas: HTMLCanvasElement, { width, height, drawing }: CanvasProps): void {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== across || canvas.height !== down) [canvas.width, canvas.height] = [across, down];
  const context = canvas.getContext('2d');
  const computed = getComputedStyle(canvas);
  const style = (name: string) => computed.getPropertyValue(name).trim();
  if (context) drawing.draw({ context, width: across, height: down, ratio, style });
}

/** What the arrow keys and their kin do, in cells. */
const STEPS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [0, -16],
  PageDown: [0, 16],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

function takeKey(event: KeyboardEvent, props: CanvasProps, brush: (to: number) => void): void {
  const { cursor, drawing } = props;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const step = STEPS[event.key];
  const next = step ? drawing.step(cursor, step[0], step[1]) : null;
  if (next !== null) {
    if (event.shiftKey) brush(next);
    props.onCursor(next);
  } else if ((event.key === 'Enter' || event.key === ' ') && cursor !== null && props.onOpen) props.onOpen(cursor);
  else if ((event.key === '+' || event.key === '-') && props.onZoom) props.onZoom(event.key === '+' ? 1 : -1);
  else if (!step) return;
  event.preventDefault();
  event.stopPropagation();
}

interface Hover {
  cell: number;
  x: number;
  y: number;
}

/** The wheel with Ctrl: listened to by hand, as the browser would zoom the page. */
function useWheel(element: RefObject<HTMLElement | null>, onZoom: CanvasProps['onZoom']): void {
  useEffect(() => {
    const take = (event: WheelEvent) => {
      if (!event.ctrlKey || !onZoom) return;
      event.preventDefault();
      onZoom(event.deltaY < 0 ? 1 : -1);
    };
    const target = element.current;
    target?.addEventListener('wheel', take, { passive: false });
    return () => target?.removeEventListener('wheel', take);
  }, [onZoom]);
}

function usePointer(props: CanvasProps) {
  const [hover, setHover] = useState<Hover | null>(null);
  const anchor = useRef<number | null>(null);
  const at = (event: PointerEvent): Hover | null => {
    const bounds = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const [x, y] = [event.clientX - bounds.left, event.clientY - bounds.top];
    const cell = props.drawing.cellAt(x, y);
    return cell === null ? null : { cell, x, y };
  };
  const events = {
    onPointerDown: (event: PointerEvent) => {
      anchor.current = event.button === 0 ? (at(event)?.cell ?? null) : null;
      if (anchor.current !== null && props.onBrush)
        (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: PointerEvent) => {
      const over = at(event);
      setHover(over);
      if (over && anchor.current !== null && over.cell !== anchor.current) props.onBrush?.(anchor.current, over.cell);
    },
    onPointerUp: (event: PointerEvent) => {
      const over = at(event);
      if (over && over.cell === anchor.current) {
        props.onCursor(over.cell);
        props.onOpen?.(over.cell);
      }
      anchor.current = null;
    },
    onPointerLeave: () => setHover(null),
  };
  return { hover, events };
}

export function Canvas(props: CanvasProps) {
  const { width, height, drawing, cursor } = props;
  const wrapper = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const anchor = useRef<number | null>(null);
  const [hasFocus, setFocus] = useState(false);
  const shade = theme.value; // what is drawn has its colours
  const { hover, events } = usePointer(props);
  useWheel(wrapper, props.onZoom);
  useLayoutEffect(() => {
    if (canvas.current && width > 0 && height > 0) paint(canvas.current, props);
  }, [drawing.draw, width, height, shade]);
  const brush = (to: number) => props.onBrush?.((anchor.current ??= cursor ?? to), to);
  const box = hasFocus && cursor !== null ? drawing.boxOf(cursor) : null;
  return (
    <div
      class="canvas"
      ref={wrapper}
      role="application"
      aria-label={props.label}
      tabIndex={0}
      style={{ width: `${width}px`, height: `${height}px` }}
      onFocus={() => setFocus(true)}
      onBlur={() => setFocus(false)}
      onKeyDown={(event) => {
        if (!event.shiftKey) anchor.current = null;
        takeKey(event, props, brush);
      }}
      {...events}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {box && <span class="cursor" style={pixels(box)} />}
      {hover && <Tooltip hover={hover} width={width} height={height} {...said(props, hover.cell)} />}
      <Said text={hasFocus && cursor !== null ? drawing.describe(cursor) : ''} />
    </div>
  );
}

function said({ card, drawing }: CanvasProps, cell: number) {
  return { children: card ? card(cell) : drawing.describe(cell) };
}

function pixels({ x, y, width, height }: Box) {
  return { left: `${x}px`, top: `${y}px`, width: `${width}px`, height: `${height}px` };
}

// Beside the pointer, on the side that has room.
function Tooltip(props: { hover: Hover; width: number; height: number; children: ComponentChildren }) {
  const { x, y } = props.hover;
  const across = x > props.width / 2 ? { right: `${props.width - x + 12}px` } : { left: `${x + 12}px` };
  const down = y > props.height / 2 ? { bottom: `${props.height - y + 12}px` } : { top: `${y + 12}px` };
  return (
    <div class="tooltip" aria-hidden="true" style={{ ...across, ...down }}>
      {props.children}
    </div>
  );
}

/** Said when it has stood for a while: not each cell that the cursor passes. */
function Said({ text }: { text: string }) {
  const [spoken, speak] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => speak(text), SAY_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="away" role="status" aria-live="polite">
      {spoken}
    </div>
  );
}
