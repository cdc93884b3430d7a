// SPDX-License-Identifier: MIT
// The pointer on the timeline: dragging scrubs, with Shift it chooses a stretch, the wheel goes nearer and farther, a
// double click shows the whole, the other button opens the menu.
export interface Gestures {
  scrub(clientX: number): void;
  /** The stretch while it is drawn, and once more when it is chosen. */
  choose(fromX: number, toX: number, isDone: boolean): void;
  zoom(factor: number, clientX: number): void;
  /** By a part of what is shown. */
  pan(part: number): void;
  whole(): void;
  menu(clientX: number, clientY: number): void;
}

const LEAST_PIXELS = 3; // of a stretch
const WHEEL_PIXELS = 240; // for twice as far
const LINE_PIXELS = 24;

function pixelsOf(event: WheelEvent, delta: number): number {
  return event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? delta : delta * LINE_PIXELS;
}

function drag(over: HTMLElement, gestures: Gestures, down: PointerEvent): void {
  const isChoosing = down.shiftKey;
  const take = (event: PointerEvent, isDone: boolean) => {
    if (!isChoosing) gestures.scrub(event.clientX);
    else if (Math.abs(event.clientX - down.clientX) >= LEAST_PIXELS)
      gestures.choose(down.clientX, event.clientX, isDone);
  };
  const move = (event: PointerEvent) => take(event, false);
  const end = (event: PointerEvent) => {
    over.removeEventListener('pointermove', move);
    over.removeEventListener('pointerup', end);
    over.removeEventListener('pointercancel', end);
    if (event.type === 'pointerup') take(event, true);
  };
  over.setPointerCapture(down.pointerId);
  over.addEventListener('pointermove', move);
  over.addEventListener('pointerup', end);
  over.addEventListener('pointercancel', end);
  take(down, false);
}

function wheel(over: HTMLElement, gestures: Gestures, event: WheelEvent): void {
  const [across, along] = [pixelsOf(event, event.deltaX), pixelsOf(event, event.deltaY)];
  const isAside = event.shiftKey || Math.abs(across) > Math.abs(along);
  if (isAside) gestures.pan((across || along) / Math.max(1, over.clientWidth));
  else gestures.zoom(2 ** (along / WHEEL_PIXELS), event.clientX);
  event.preventDefault();
}

/** Gives what takes them off again. */
export function listen(over: HTMLElement, gestures: Gestures): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  over.addEventListener('pointerdown', (event) => event.button === 0 && drag(over, gestures, event), { signal });
  over.addEventListener('wheel', (event) => wheel(over, gestures, event), { signal, passive: false });
  over.addEventListener('dblclick', () => gestures.whole(), { signal });
  over.addEventListener(
    'contextmenu',
    (event) => {
      gestures.menu(event.clientX, event.clientY);
      event.preventDefault();
    },
    { signal },
  );
  return () => stop.abort();
}
