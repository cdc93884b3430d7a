// SPDX-License-Identifier: MIT
// A Plot for as long as its element is there: it follows the element's width and the theme.
import { useEffect, useRef, useState } from 'preact/hooks';
import { theme } from '~/store/theme';
import type { Gestures } from './gestures';
import { listen } from './gestures';
import { Plot } from './plot';
import type { Span } from './span';

/** Where the plot's area lies in its host, in pixels; changes when it is laid out anew. */
interface Area {
  left: number;
  width: number;
  height: number;
}

export function usePlot(span: Span, height: number, gestures: Gestures) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | null>(null);
  const latest = useRef(gestures);
  latest.current = gestures;
  const [area, setArea] = useState<Area>({ left: 0, width: 0, height: 0 });
  const [, redraw] = useState(0);
  const [hovered, setHovered] = useState<number | null>(null);
  const shownTheme = theme.value;
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const placed = () => {
      setArea((old) => areaOf(made.over, old));
      redraw((times) => times + 1);
    };
    const made = new Plot(element, span, height, placed, setHovered);
    plot.current = made;
    const stopListening = listen(made.over, passOn(latest));
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      plot.current = null;
      observer.disconnect();
      stopListening();
      made.destroy();
    };
  }, [shownTheme, height]);
  return { host, plot, area, hovered };
}

function areaOf(over: HTMLElement, old: Area): Area {
  const next = { left: over.offsetLeft, width: over.clientWidth, height: over.clientHeight };
  return next.left === old.left && next.width === old.width && next.height === old.height ? old : next;
}

// Handlers are set once and call those of the last drawing.
function passOn(latest: { current: Gestures }): Gestures {
  return {
    scrub: (x) => latest.current.scrub(x),
    choose: (from, to, isDone) => latest.current.choose(from, to, isDone),
    zoom: (factor, x) => latest.current.zoom(factor, x),
    pan: (part) => latest.current.pan(part),
    whole: () => latest.current.whole(),
    menu: (x, y) => latest.current.menu(x, y),
  };
}
