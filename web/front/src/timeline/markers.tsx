// SPDX-License-Identifier: MIT
// What stands over the plot: the moment, the marks, the stretch between them, the peak and the worst moment.

const NAME_PIXELS = 40;

export interface Marker {
  kind: 'cursor' | 'a' | 'b' | 'peak' | 'worst';
  letter: string;
  ns: number | null;
}

interface MarkersProps {
  markers: readonly Marker[];
  /** The chosen stretch, from and to. */
  stretch: readonly [number, number] | null;
  xOf: (ns: number) => number;
  width: number;
}

export function Markers({ markers, stretch, xOf, width }: MarkersProps) {
  const [from, to] = stretch ? [Math.max(0, xOf(stretch[0])), Math.min(width, xOf(stretch[1]))] : [0, 0];
  return (
    <div class="markers" aria-hidden="true">
      {to > from && <div class="stretch" style={{ left: `${from}px`, width: `${to - from}px` }} />}
      {markers.map(({ kind, letter, ns }) => {
        const x = ns === null ? -1 : xOf(ns);
        if (ns === null || x < -1 || x > width + 1) return null;
        return (
          <div
            key={kind}
            class={`marker ${kind}${x > width - NAME_PIXELS ? ' is-left' : ''}`}
            style={{ transform: `translateX(${x}px)` }}
          >
            <span>{letter}</span>
          </div>
        );
      })}
    </div>
  );
}
