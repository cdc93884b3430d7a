// SPDX-License-Identifier: MIT
// The run over time, always visible: what was live and resident, what was allocated and freed, where the moment and the
// marks are. Dragging it moves the moment.
import { useEffect, useState } from 'preact/hooks';
import type { Columns } from '~/source/source';
import { useRows } from '~/source/use_answer';
import { scrubTo } from '~/store/moving';
import { isNarrow } from '~/store/narrow';
import { cursorNs, points as shownPoints, run, span as shownSpan, timeOfMoment } from '~/store/run';
import { change, isMoving, resolved, view } from '~/store/view';
import { formatBytes, formatCount, formatTime } from '~/text/format';
import type { Gestures } from './gestures';
import { Markers } from './markers';
import type { Marker } from './markers';
import { momentAt } from './moment_time';
import { pause } from './player';
import { RangeMenu } from './range_menu';
import type { MenuPlace } from './range_menu';
import { leftOut } from './series';
import type { Bar } from './series';
import { movedBy } from './span';
import type { Span } from './span';
import { Strip } from './strip';
import { Tip } from './tip';
import { Transport } from './transport';
import { travelActions, zoomBy, zoomTo } from './travel';
import { useBars } from './use_bars';
import { usePlot } from './use_plot';
import './timeline.css';

const PLOT_PIXELS = 118;
const NARROW_PIXELS = 76;
const POINTS_MOST = 1000;
const AXIS_PIXELS = 72;

export function Timeline() {
  const { reel } = view.value;
  const span = shownSpan.value;
  const [columns, setColumns] = useState(500);
  const isWhole = view.value.zoom.beginNs === 0 && view.value.zoom.endNs === null;
  const stretch = isWhole ? {} : { t0_ns: span.beginNs, t1_ns: span.endNs };
  const timeline = useRows(reel, 'Timeline', run.value.endNs > 0 ? { ...stretch, points: columns } : null);
  const points = timeline.value?.columns ?? null;
  const bars = useBars(span);
  useEffect(() => void (shownPoints.value = points), [points]);
  return (
    <section aria-label="Timeline" class="timeline">
      <Curve
        span={span}
        points={points}
        bars={bars}
        onColumns={(count) => setColumns(Math.min(POINTS_MOST, Math.max(50, count)))}
      />
      {!isWhole && <Strip />}
      {timeline.refusal && <div class="note refusal">{timeline.refusal.message}</div>}
      <Transport />
    </section>
  );
}

interface CurveProps {
  span: Span;
  points: Columns<'Timeline'> | null;
  bars: readonly Bar[];
  onColumns: (columns: number) => void;
}

function Curve({ span, points, bars, onColumns }: CurveProps) {
  const [drawn, setDrawn] = useState<readonly [number, number] | null>(null);
  const [menu, setMenu] = useState<MenuPlace | null>(null);
  const { host, plot, area, hovered } = usePlot(span, isNarrow.value ? NARROW_PIXELS : PLOT_PIXELS, {
    ...gesturesOf((x) => plot.current?.timeAt(x) ?? 0, setDrawn),
    menu: (x, y) => setMenu({ x, y, ns: plot.current?.timeAt(x) ?? 0 }),
  });
  useEffect(() => {
    if (points) plot.current?.show(points, span);
    plot.current?.showBars(bars, leftOut.value);
  });
  useEffect(() => {
    if (area.width > 0) onColumns(area.width);
  }, [area.width]);
  const hoveredNs = hovered === null ? null : (plot.current?.nsOf(hovered) ?? null);
  const [aNs, bNs] = [timeOfMoment(view.value.a), timeOfMoment(view.value.b)];
  const chosen = aNs === null || bNs === null ? null : ([Math.min(aNs, bNs), Math.max(aNs, bNs)] as const);
  return (
    <>
      <div
        class="curve"
        role="slider"
        aria-label="Moment"
        aria-valuemin={0}
        aria-valuemax={Math.round(run.value.endNs / 1e6)}
        aria-valuenow={Math.round(cursorNs.value / 1e6)}
        aria-valuetext={describe()}
        tabIndex={0}
        onKeyDown={(event) => key(event, host.current, setMenu)}
      >
        <div ref={host} class="plot" />
        <div class="area" style={{ left: `${area.left}px`, width: `${area.width}px`, height: `${area.height}px` }}>
          <Markers
            markers={markersOf()}
            stretch={drawn ?? chosen}
            width={area.width}
            xOf={(ns) => plot.current?.xOf(ns) ?? -9}
          />
          {points && hovered !== null && hoveredNs !== null && (
            <Tip points={points} bars={bars} span={span} ns={hoveredNs} x={hovered} width={area.width} />
          )}
        </div>
      </div>
      <Rested text={describe()} />
      {menu && <RangeMenu place={menu} onClose={() => setMenu(null)} />}
    </>
  );
}

function markersOf(): Marker[] {
  const { a, b } = view.value;
  return [
    { kind: 'peak', letter: 'peak', ns: run.value.peak?.tNs ?? null },
    { kind: 'worst', letter: 'worst', ns: run.value.worst?.tNs ?? null },
    { kind: 'a', letter: 'A', ns: timeOfMoment(a) },
    { kind: 'b', letter: 'B', ns: timeOfMoment(b) },
    { kind: 'cursor', letter: '', ns: cursorNs.value },
  ];
}

function gesturesOf(
  timeAt: (x: number) => number,
  onDraw: (stretch: readonly [number, number] | null) => void,
): Omit<Gestures, 'menu'> {
  return {
    scrub: (x) => {
      pause();
      scrubTo(momentAt(timeAt(x)));
    },
    choose: (from, to, isDone) => {
      const [fromNs, toNs] = [timeAt(Math.min(from, to)), timeAt(Math.max(from, to))];
      onDraw(isDone ? null : [fromNs, toNs]);
      if (isDone) change({ a: momentAt(fromNs), b: momentAt(toNs) }, 'push');
    },
    zoom: (factor, x) => zoomBy(factor, timeAt(x)),
    pan: (part) => {
      const span = shownSpan.peek();
      zoomTo(movedBy(span, part * (span.endNs - span.beginNs), run.peek().endNs));
    },
    whole: () => travelActions['ZOOM_ALL']?.(),
  };
}

const KEYS: Record<string, string> = {
  ArrowLeft: 'BACK_COLUMN',
  ArrowDown: 'BACK_COLUMN',
  ArrowRight: 'ON_COLUMN',
  ArrowUp: 'ON_COLUMN',
  PageDown: 'BACK_COLUMNS',
  PageUp: 'ON_COLUMNS',
  Home: 'BEGIN',
  End: 'END',
};

function key(event: KeyboardEvent, host: HTMLElement | null, onMenu: (place: MenuPlace) => void): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target !== event.currentTarget) return;
  const isMenu = event.key === 'Enter' || event.key === 'ContextMenu';
  if (isMenu && host) {
    const { left, top } = host.getBoundingClientRect();
    onMenu({ x: left + AXIS_PIXELS, y: top + 20, ns: cursorNs.peek() });
  } else if (KEYS[event.key]) travelActions[KEYS[event.key] ?? '']?.();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function describe(): string {
  const found = resolved.value;
  const figures = found ? `, event ${formatCount(found.events)}, live ${formatBytes(found.liveBytes)}` : '';
  return `${formatTime(cursorNs.value)}${figures}`;
}

// Told once the moment rests: a reader is not to be flooded while somebody drags.
function Rested({ text }: { text: string }) {
  const [told, setTold] = useState('');
  const isResting = !isMoving.value;
  useEffect(() => {
    if (isResting) setTold(text);
  }, [isResting, text]);
  return (
    <div class="away" role="status" aria-live="polite">
      {told}
    </div>
  );
}
