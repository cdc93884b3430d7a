// SPDX-License-Identifier: MIT
// What the table of keys tells people: which keys an action has.
import { keys } from 'virtual:keys';

/** "C-k" as keyboards have it: "Ctrl+k" */
export function shownName(name: string): string {
  return name.replace(/^C-/, 'Ctrl+').replace(/^S-/, 'Shift+');
}

/** "P", "H or Shift+Left"; "" where there is none. */
export function shownKeys(action: string): string {
  const row = keys.find((each) => each.action === action);
  return (row?.keys ?? []).map(shownName).join(' or ');
}
