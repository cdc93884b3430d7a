// SPDX-License-Identifier: MIT
// What can be asked of the stretch from A to B: the four sets of blocks, the difference, and to see it nearer.
import { useEffect, useRef } from 'preact/hooks';
import { timeOfMoment } from '~/store/run';
import { change, view } from '~/store/view';
import type { Mode } from '~/state/state';
import { formatTime } from '~/text/format';
import { momentAt } from './moment_time';
import { setMark, travelActions } from './travel';

export interface MenuPlace {
  x: number;
  y: number;
  /** What was pointed at. */
  ns: number;
}

const VERBS: readonly (readonly [Mode, string])[] = [
  ['unfreed', 'Allocated here and still alive at B'],
  ['allocated', 'Allocated here'],
  ['freed', 'Freed here'],
  ['alive', 'Alive throughout'],
  ['difference', 'Difference from A to B'],
];

const WIDTH = 290;

function ask(mode: Mode): void {
  change({ mode, page: 'stacks', sort: null }, 'push');
}

export function RangeMenu({ place, onClose }: { place: MenuPlace; onClose: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  const [aNs, bNs] = [timeOfMoment(view.value.a), timeOfMoment(view.value.b)];
  const has = view.value.a !== null && view.value.b !== null;
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    menu.current?.querySelector<HTMLElement>('button:not(:disabled)')?.focus();
    return () => before?.focus();
  }, []);
  const item = (title: string, act: () => void, isThere = true) => (
    <button
      type="button"
      role="menuitem"
      disabled={!isThere}
      onClick={() => {
        onClose();
        act();
      }}
    >
      {title}
    </button>
  );
  return (
    <div
      ref={menu}
      class="menu"
      role="menu"
      aria-label="Stretch from A to B"
      style={{ left: `${Math.max(4, Math.min(place.x, innerWidth - WIDTH))}px`, top: `${place.y}px` }}
      onKeyDown={(event) => walk(event, onClose)}
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) onClose();
      }}
    >
      <div class="quiet">
        {aNs !== null && bNs !== null
          ? `${formatTime(Math.min(aNs, bNs))} to ${formatTime(Math.max(aNs, bNs))}`
          : 'Shift-drag chooses a stretch from A to B.'}
      </div>
      {VERBS.map(([mode, title]) => item(title, () => ask(mode), has))}
      {item('Zoom to it', () => travelActions['ZOOM']?.(), has)}
      {item(`Mark A at ${formatTime(place.ns)}`, () => setMark('a', momentAt(place.ns)))}
      {item(`Mark B at ${formatTime(place.ns)}`, () => setMark('b', momentAt(place.ns)))}
      {item(
        'Clear A and B',
        () => change({ a: null, b: null, mode: 'moment' }, 'push'),
        view.value.a !== null || view.value.b !== null,
      )}
    </div>
  );
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowDown: (at, count) => (at + 1) % count,
  ArrowUp: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Arrow keys between the items of a menu; Escape and Tab leave it. */
export function walk(event: KeyboardEvent, onClose: () => void): void {
  event.stopPropagation();
  if (event.key === 'Escape' || event.key === 'Tab') onClose();
  const items = [
    ...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)'),
  ];
  const step = STEPS[event.key];
  if (step) items[step(items.indexOf(document.activeElement as HTMLElement), items.length)]?.focus();
  if (step || event.key === 'Escape') event.preventDefault();
}
