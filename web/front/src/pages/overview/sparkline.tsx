// SPDX-License-Identifier: MIT
// A figure over the whole run, in a few pixels: a shape, not a scale.

const WIDTH = 100;
const HEIGHT = 24;

/** The points of a polyline in a box of WIDTH x HEIGHT, zero at the bottom. */
export function sparkPoints(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  const step = WIDTH / Math.max(values.length - 1, 1);
  return values
    .map((value, at) => `${(at * step).toFixed(1)},${(HEIGHT - (value / most) * HEIGHT).toFixed(1)}`)
    .join(' ');
}

export function Sparkline({ values }: { values: readonly number[] }) {
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={sparkPoints(values)} />
    </svg>
  );
}
