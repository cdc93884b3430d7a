// SPDX-License-Identifier: MIT
// A row of the table of keys, which the terminal has too: viewer/keys.def.

export interface KeyRow {
  action: string; // as the table has it: PAGE_MAP, SEARCH_NEXT
  keys: readonly string[]; // their names, the first is shown: "x", "PgUp", "C-k"
  label: string; // in a footer, "" = not there
  help: string; // what it does
  scope: 'global' | 'list' | 'time'; // where the help lists it
  rank: number; // in the footer: the lowest stay where not all have room; 0 = not there
  pages: readonly string[]; // names of those in whose footer it is; none: in all. It works wherever it is pressed.
}

// Headings of the help, as the terminal has them.
export const scopeTitles: Readonly<Record<KeyRow['scope'], string>> = {
  global: 'Everywhere',
  list: 'Lists, trees and maps',
  time: 'Time',
};
