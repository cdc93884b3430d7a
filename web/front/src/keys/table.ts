// SPDX-License-Identifier: MIT
// What the table of keys tells people: which keys an action has.
import { keys } from 'virtual:keys';

const NAMES: Readonly<Record<string, string>> = { 'S-Left': 'Shift+Left', 'S-Right': 'Shift+Right' };

function shown(name: string): string {
  return NAMES[name] ?? name.replace(/^C-/, 'Ctrl+');
}

/** "P", "H or Shift+Left"; "" where there is none. */
export function shownKeys(action: string): string {
  const row = keys.find((each) => each.action === action);
  return (row?.keys ?? []).map(shown).join(' or ');
}
