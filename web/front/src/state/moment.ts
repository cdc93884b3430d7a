// SPDX-License-Identifier: MIT
// A moment of a reel as a link has it. What a reel is needed for, the server finds: a time, a part of the time, the peak.
import { formatText } from '../text/foreign';
import { Refusal } from './refusal';

// Events: so many came before it. Text: a form that is not known yet as a number (peak, 12.5s, 40%, worst, end).
export type Moment = { events: number } | { text: string };

export const QUOTED_BYTES = 48; // of foreign text in a complaint
const begin = 'begin'; // before the first event
const named = ['peak', 'worst', 'end'];

function isTimeOrPart(text: string): boolean {
  const parts = /^(\d+(?:\.\d*)?)(s|%)$/.exec(text);
  return parts !== null && (parts[2] === 's' || Number(parts[1]) <= 100);
}

// Takes the forms of the command line, and "begin"; #N is after event N. Throws a Refusal.
export function momentParse(text: string): Moment {
  if (text === begin) return { events: 0 };
  const number = /^#(\d+)$/.exec(text)?.[1];
  if (number !== undefined && Number.isSafeInteger(Number(number) + 1)) return { events: Number(number) + 1 };
  if (named.includes(text) || isTimeOrPart(text)) return { text };
  throw new Refusal(
    `${formatText(text, QUOTED_BYTES)}: not a moment; write a time (12.5s), an event (#1000000), ` +
      'a part of the time (40%), peak, worst or end',
  );
}

// Not encoded: a "%" may stand in it.
export function momentPrint(moment: Moment): string {
  if ('text' in moment) return moment.text;
  return moment.events === 0 ? begin : `#${moment.events - 1}`;
}
