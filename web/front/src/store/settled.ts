// SPDX-License-Identifier: MIT
// Which answers stay while a recording goes on: those of moments that it has left behind.
import { isPast } from '~/timeline/moment_time';
import { isLive } from './live';
import { run } from './run';

const MOMENTS = ['t', 't0', 't1', 't2'];

/** Whether the answer to a question with these parameters is the same however the recording goes on. */
export function isSettled(parameters: Readonly<Record<string, unknown>>): boolean {
  if (!isLive.value) return false;
  const moments = MOMENTS.map((name) => parameters[name]).filter((value) => value !== undefined && value !== null);
  return moments.length > 0 && moments.every((value) => isPast(String(value), run.value));
}
