// SPDX-License-Identifier: MIT
// Of a long table only those rows are drawn that are seen, and some around them; empty rows stand for the others.
import { useEffect, useState } from 'preact/hooks';

export const ROW_PIXELS = 25;
export const DRAWN_WHOLE = 150; // rows
const AROUND = 20;
const UNKNOWN_PIXELS = 600; // of a table that has not been laid out

interface Drawn {
  begin: number;
  end: number;
}

/** The rows of `count` that are drawn where the first one seen is `top`. */
export function drawnRows(count: number, top: number, pixels: number): Drawn {
  if (count <= DRAWN_WHOLE) return { begin: 0, end: count };
  const drawn = Math.min(Math.ceil(pixels / ROW_PIXELS) + 2 * AROUND, count);
  const begin = Math.min(Math.max(top - AROUND, 0), count - drawn);
  return { begin, end: begin + drawn };
}

/** `look` finds out at once where a table is that was scrolled. */
export function useDrawn(scroller: { current: HTMLElement | null }, count: number): Drawn & { look: () => void } {
  const [seen, setSeen] = useState({ top: 0, pixels: UNKNOWN_PIXELS });
  const look = () => {
    const element = scroller.current;
    if (!element) return;
    const [top, pixels] = [Math.floor(element.scrollTop / ROW_PIXELS), element.clientHeight || UNKNOWN_PIXELS];
    setSeen((old) => (old.top === top && old.pixels === pixels ? old : { top, pixels }));
  };
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  return { ...drawnRows(count, seen.top, seen.pixels), look };
}

/** As high as the rows that are not drawn. */
export function Gap({ rows, span }: { rows: number; span: number }) {
  if (rows <= 0) return null;
  return (
    <tr aria-hidden="true">
      <td colSpan={span} style={{ height: `${rows * ROW_PIXELS}px`, padding: 0, border: 0 }} />
    </tr>
  );
}
