// SPDX-License-Identifier: MIT
// The whole run as a narrow strip while the timeline shows a part of it; the part can be dragged.
import { useEffect, useRef } from 'preact/hooks';
import { useRows } from '~/source/use_answer';
import { run, span as shownSpan } from '~/store/run';
import { theme } from '~/store/theme';
import { view } from '~/store/view';
import { coloursOf } from './plot';
import { movedBy } from './span';
import { zoomTo } from './travel';

const POINTS = 400;
const HEIGHT = 18;

function draw(canvas: HTMLCanvasElement, live: readonly number[]): void {
  const context = canvas.getContext('2d');
  const greatest = Math.max(1, ...live);
  if (!context) return;
  canvas.width = POINTS;
  canvas.height = HEIGHT;
  context.fillStyle = coloursOf(canvas).live;
  live.forEach((bytes, point) => {
    const height = (bytes / greatest) * (HEIGHT - 2);
    context.fillRect((point * POINTS) / live.length, HEIGHT - height, POINTS / live.length + 0.5, height);
  });
}

export function Strip() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const whole = useRows(view.value.reel, 'Timeline', { points: POINTS });
  const live = whole.value?.columns.live_bytes_max;
  const shownTheme = theme.value;
  useEffect(() => {
    if (canvas.current && live) draw(canvas.current, live);
  }, [live, shownTheme]);
  const [endNs, span] = [Math.max(1, run.value.endNs), shownSpan.value];
  const share = (ns: number) => `${(ns / endNs) * 100}%`;
  const centre = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.buttons !== 1) return;
    const { left, width } = event.currentTarget.getBoundingClientRect();
    const at = ((event.clientX - left) / Math.max(1, width)) * endNs;
    zoomTo(movedBy(span, at - (span.beginNs + span.endNs) / 2, endNs));
  };
  return (
    <div
      class="strip"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        centre(event);
      }}
      onPointerMove={centre}
    >
      <canvas ref={canvas} />
      <div class="window" style={{ left: share(span.beginNs), width: share(span.endNs - span.beginNs) }} />
    </div>
  );
}
