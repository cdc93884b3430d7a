// SPDX-License-Identifier: MIT
// What was under the pointer: the time, and the figures of the point of the timeline that it is in.
import type { Columns } from '~/source/source';
import { formatBytes, formatCount } from '~/text/format';
import { identityParts } from '~/text/identity';
import { secondsText } from './plot';
import type { Bar } from './series';
import type { Span } from './span';

const STEPS = 1000; // of the time that is told, in what is shown
const PIXELS = 200;

interface TipProps {
  points: Columns<'Timeline'>;
  bars: readonly Bar[];
  span: Span;
  ns: number;
  x: number;
  width: number;
}

export function Tip({ points, bars, span, ns, x, width }: TipProps) {
  const at = points.end_ns.findIndex((end) => end >= ns);
  if (at < 0) return null;
  const [least, most, resident] = [
    points.live_bytes_min[at] ?? 0,
    points.live_bytes_max[at] ?? 0,
    points.resident_bytes[at],
  ];
  const bar = bars.find(({ begin_ns, end_ns }) => begin_ns <= ns && ns < end_ns);
  const isOne = formatBytes(least) === formatBytes(most);
  const isRight = x > width - PIXELS;
  return (
    <div
      class={bar ? 'tip has-parts' : 'tip'}
      style={isRight ? { right: `${width - x + 8}px` } : { left: `${x + 8}px` }}
    >
      <b>{secondsText(ns / 1e9, (span.endNs - span.beginNs) / STEPS / 1e9)}</b>
      <span>
        live {isOne ? '' : `${formatBytes(least)} to `}
        {formatBytes(most)}
      </span>
      {resident != null && <span>process resident {formatBytes(resident)}</span>}
      <span>
        ▴ {formatCount(points.allocations[at] ?? 0)} ▾ {formatCount(points.frees[at] ?? 0)}
      </span>
      {bar &&
        identityParts.map(({ name, column }) => (
          <span key={name}>
            <i class={name} /> {name} {formatBytes(bar[column])}
          </span>
        ))}
    </div>
  );
}
