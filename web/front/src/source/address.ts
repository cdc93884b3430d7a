// SPDX-License-Identifier: MIT
// The address of a question, the same for a request and for the table of answers in a report.
import type { Name } from './source';

/** "ClassesOver" is /classes_over: the server names operations by their paths. */
export function pathOf(name: Name): string {
  return name.replace(/(?!^)[A-Z]/g, (letter) => '_' + letter).toLowerCase();
}

/** Parameters in the order of their names; those without a value are left out. */
function queryOf(parameters: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined && value !== null);
  pairs.sort(([left], [right]) => (left < right ? -1 : 1));
  return new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
}

export function addressOf(reel: number, name: Name, parameters: Readonly<Record<string, unknown>>): string {
  const query = queryOf(parameters);
  return `reels/${reel}/${pathOf(name)}${query ? '?' + query : ''}`;
}
