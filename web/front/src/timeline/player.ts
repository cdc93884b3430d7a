// SPDX-License-Identifier: MIT
// Plays the run like a film. What cannot be drawn in time is left out: each step goes to where the clock stands.
import { signal } from '@preact/signals';
import { cursorNs, run } from '~/store/run';
import { scrubTo } from '~/store/moving';
import { change, goTo, view } from '~/store/view';
import { isLive } from '~/store/live';
import { momentAt } from './moment_time';

const SPEED_LEAST = 1 / 64;
const SPEED_MOST = 1024;
const FILM_NS_LEAST = 10e9;
const FILM_NS_MOST = 60e9;
const FRAME_MS = 33;
const CALM_FRAME_MS = 500; // for who wants little motion

export const isPlaying = signal(false);
/** Seconds of the run for a second of the clock. */
export const speed = signal(1);
export const speeds: readonly number[] = Array.from({ length: 17 }, (_, power) => SPEED_LEAST * 2 ** power);

export function nameOfSpeed(value: number): string {
  return value < 1 ? `1/${1 / value}x` : `${value}x`;
}

/** The speed at which a run is a film of ten seconds to a minute, where speeds reach so far. */
export function fittingSpeed(runNs: number): number {
  let found = 1;
  while (runNs / found < FILM_NS_LEAST && found > SPEED_LEAST) found /= 2;
  while (runNs / found > FILM_NS_MOST && found < SPEED_MOST) found *= 2;
  return found;
}

export function setSpeed(value: number): void {
  speed.value = Math.min(SPEED_MOST, Math.max(SPEED_LEAST, value));
}

let playedNs = 0;
let clockMs = 0;

function stepOn(nowMs: number): void {
  if (!isPlaying.peek()) return;
  requestAnimationFrame(stepOn);
  const frameMs = matchMedia('(prefers-reduced-motion: reduce)').matches ? CALM_FRAME_MS : FRAME_MS;
  if (nowMs - clockMs < frameMs) return;
  playedNs += (nowMs - clockMs) * 1e6 * speed.peek();
  clockMs = nowMs;
  if (playedNs < run.peek().endNs) scrubTo(momentAt(playedNs));
  else end();
}

function end(): void {
  isPlaying.value = false;
  goTo({ text: 'end' });
  if (isLive.peek()) change({ isFollowing: true });
}

export function pause(): void {
  isPlaying.value = false;
}

/** From the moment on, or from the beginning where it is at the end. */
export function play(): void {
  if (isPlaying.peek()) return;
  playedNs = cursorNs.peek() >= run.peek().endNs ? 0 : cursorNs.peek();
  clockMs = performance.now();
  isPlaying.value = true;
  if (view.peek().isFollowing) change({ isFollowing: false });
  requestAnimationFrame(stepOn);
}
