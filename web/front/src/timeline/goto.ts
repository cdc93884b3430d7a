// SPDX-License-Identifier: MIT
// What somebody writes to be taken there: a moment, a mark, an address.
import type { Moment } from '../state/moment';
import { momentParse } from '../state/moment';
import { parsePlace } from '../state/numbers';
import { Refusal } from '../state/refusal';
import type { Place } from '../state/state';

interface Marks {
  a: Moment | null;
  b: Moment | null;
}

/** Throws a Refusal that says what can be written. */
export function destinationOf(text: string, marks: Marks): { moment: Moment } | { place: Place } {
  const written = text.trim();
  if (/^(\d+\/)?0x/i.test(written)) {
    const place = parsePlace(written.replace(/0X/, '0x'));
    if (place === null) throw new Refusal('no address: write 0x and up to 14 digits, as 0x7f001000');
    return { place };
  }
  const mark = /^[ab]$/i.test(written) ? marks[written.toLowerCase() as 'a' | 'b'] : undefined;
  if (mark === null) throw new Refusal(`mark ${written.toUpperCase()} is not set`);
  return { moment: mark ?? momentParse(written) };
}
