// SPDX-License-Identifier: MIT
// Texts of older versions, made into those of the present one. A link is kept for years: what a version once printed is
// read for ever.
import { formatText } from '../text/foreign';
import { QUOTED_BYTES } from './moment';
import { Refusal } from './refusal';

export const STATE_VERSION = 1;

// A name, and the text behind its "=", as they stand in the link.
export type Field = readonly [name: string, value: string];

// [version]: makes the fields of that version into those of the next one.
export type Upgraders = Readonly<Record<number, (fields: readonly Field[]) => readonly Field[]>>;

export const upgraders: Upgraders = {};

// The fields in the present version, without that which tells it. Those that tell none are of it. Throws a Refusal.
export function upgraded(
  fields: readonly Field[],
  table: Upgraders = upgraders,
  present: number = STATE_VERSION,
): readonly Field[] {
  const versions = fields.filter(([name]) => name === 'v').map(([, value]) => value);
  const others = fields.filter(([name]) => name !== 'v');
  const isKnown = (version: string) => version === `${present}` || Object.hasOwn(table, version);
  const unknown = versions.find((version) => !isKnown(version));
  if (unknown !== undefined)
    throw new Refusal(
      `state: v=${formatText(unknown, QUOTED_BYTES)}: write ${present}: this viewer knows no other version`,
    );
  let made: readonly Field[] = others;
  for (let version = Number(versions[0] ?? present); version < present; version++)
    made = table[version]?.(made) ?? made;
  return made;
}
