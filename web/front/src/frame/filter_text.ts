// SPDX-License-Identifier: MIT
// The filter as it is typed in one line, with the process that is looked at.
import { filterParse, filterPrint } from '../state/filter';
import { Refusal } from '../state/refusal';
import type { State } from '../state/state';
import type { ClassSize } from '../text/class_size';

const PROCESS = /(?:^|\s)process:(\S*)/g;
const PROCESS_MOST = 2 ** 32 - 1;

export function filterText(state: Pick<State, 'filter' | 'process'>, classes: readonly ClassSize[]): string {
  const process = state.process === 0 ? '' : `process:${state.process}`;
  return [filterPrint(state.filter, classes), process].filter((word) => word !== '').join(' ');
}

/** Throws a Refusal that says what is known. */
export function parseFilterText(text: string, classes: readonly ClassSize[]): Pick<State, 'filter' | 'process'> {
  const numbers = [...text.matchAll(PROCESS)].map((found) => found[1] ?? '');
  const number = numbers.at(-1) ?? '0';
  if (!/^\d{1,10}$/.test(number) || Number(number) > PROCESS_MOST)
    throw new Refusal(`process:${number}: write the number of a process, as process:2`);
  return { filter: filterParse(text.replace(PROCESS, ' '), classes), process: Number(number) };
}
