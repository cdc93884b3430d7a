// SPDX-License-Identifier: MIT
// Keys become actions. Fields for text keep theirs but for Escape, buttons keep Space and Enter, and an open dialog all.
import { tinykeys } from 'tinykeys';
import { keys as table } from 'virtual:keys';
import { act } from './actions';
import { patterns } from './patterns';

const TEXT = 'input:not([type=checkbox],[type=radio],[type=button]), textarea, select, [contenteditable]';
const PRESSED = 'button, a, summary, select, input, [role=menuitem], [role=option], tr[tabindex]';

function isTaken(event: KeyboardEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]')) return true;
  if (target?.matches(TEXT)) return !(event.ctrlKey || event.metaKey) || event.key.length > 1;
  return (event.key === ' ' || event.key === 'Enter') && target?.closest(PRESSED) != null;
}

function take(event: KeyboardEvent, action: string): void {
  if (event.key === 'Escape' && event.target instanceof HTMLElement && event.target.matches(TEXT)) event.target.blur();
  else if (!isTaken(event) && act(action)) event.preventDefault();
}

// A letter is taken as it was typed: with Shift, or with the lock, which tinykeys does not see.
function patternsOf(key: string): string[] {
  const upper = key.toUpperCase();
  return /^[a-z]$/i.test(key) ? [upper, `Shift+${upper}`] : patterns(key);
}

interface Bound {
  key: string;
  action: string;
}

export function beginKeys(): void {
  const bound = new Map<string, Bound[]>();
  for (const { action, keys } of table)
    for (const key of keys)
      for (const pattern of patternsOf(key)) bound.set(pattern, [...(bound.get(pattern) ?? []), { key, action }]);
  const bindings = [...bound].map(([pattern, rows]): [string, (event: KeyboardEvent) => void] => [
    pattern,
    (event) => {
      const row = rows.find(({ key }) => key.length > 1 || key === event.key);
      if (row) take(event, row.action);
    },
  ]);
  tinykeys(window, Object.fromEntries(bindings));
}
